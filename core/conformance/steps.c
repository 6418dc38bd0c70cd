#include "steps.h"

#include <stdio.h>

bool connect_peer(struct trial *t)
{
	try_connect(t, &t->rig->job->peer, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, "connect");
}

bool exchange_mtu(struct trial *t)
{
	t->mtu = MTU_DEFAULT;
	try_mtu(t, MTU_WANTED, &t->mtu, in_ms(t, PATIENCE_MS));
	t->mtu_is_known = t->code == OTADFU_OK;
	if (t->code == OTADFU_E_UNSUPPORTED)
		return true;
	return expect_code(t, OTADFU_OK, "mtu") &&
	       expect(t, t->mtu >= MTU_DEFAULT, "mtu told %u; it is never below %d", t->mtu,
		      MTU_DEFAULT);
}

bool list_characteristics(struct trial *t)
{
	try_discover(t, TRIAL_CHRS_MAX, &t->chr_count, in_ms(t, PATIENCE_MS));
	if (!expect_code(t, OTADFU_OK, "discover"))
		return false;
	for (size_t i = 0; i < SERVICE_CHRS; i++) {
		size_t place = service_find(t->chrs, t->chr_count, (enum service_chr)i);

		t->ids[i] = place < t->chr_count ? t->chrs[place].id : 0;
	}
	for (size_t i = 0; i < SERVICE_MOVED; i++) {
		if (!expect(t, t->ids[i] != 0,
			    "discover found %zu characteristics and no %s of the test service",
			    t->chr_count, service_chr_name((enum service_chr)i)))
			return false;
	}
	return true;
}

bool link_up(struct trial *t)
{
	return connect_peer(t) && exchange_mtu(t) && list_characteristics(t);
}

bool reconnect(struct trial *t)
{
	do_disconnect(t);
	return link_up(t);
}

bool begin(struct trial *t)
{
	if (!link_up(t) || !control(t, service_reset()))
		return false;
	/* Left by somebody who did not come to his end: Reset counts from the next connection. */
	return t->ids[SERVICE_MOVED] == 0 || reconnect(t);
}

struct otadfu_addr absent_peer(const struct trial *t)
{
	struct otadfu_addr addr = t->rig->job->peer;

	addr.bytes[3] ^= 0x5A;
	addr.bytes[4] ^= 0xA5;
	return addr;
}

size_t write_max(const struct trial *t)
{
	return t->mtu - (size_t)ATT_HEADER;
}

bool control(struct trial *t, struct service_command command)
{
	char what[32];

	snprintf(what, sizeof(what), "write of %02X to Control", command.bytes[0]);
	try_write(t, SERVICE_CONTROL, command.bytes, command.len, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, what);
}

bool subscribe_to(struct trial *t, enum service_chr which)
{
	char what[32];

	snprintf(what, sizeof(what), "subscribe to %s", service_chr_name(which));
	try_subscribe(t, which, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, what);
}

bool read_value(struct trial *t, enum service_chr which, struct value *ret_value)
{
	char what[32];

	snprintf(what, sizeof(what), "read of %s", service_chr_name(which));
	try_read(t, which, sizeof(ret_value->data), ret_value, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, what);
}

bool read_log(struct trial *t, struct service_log *ret_log)
{
	struct value value;

	if (!read_value(t, SERVICE_LOG, &value) ||
	    !expect(t, value.len == SERVICE_LOG_LEN, "read of Log gave %zu bytes, not %d",
		    value.len, SERVICE_LOG_LEN))
		return false;
	*ret_log = service_parse_log(value.data);
	return true;
}

bool take_value(struct trial *t, enum service_chr which, struct value *ret_value)
{
	char what[40];

	snprintf(what, sizeof(what), "wait for a value of %s", service_chr_name(which));
	try_wait(t, which, sizeof(ret_value->data), ret_value, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, what);
}

bool fill_and_read(struct trial *t, uint16_t len)
{
	struct value value;

	return control(t, service_fill(len)) && read_value(t, SERVICE_ECHO, &value) &&
	       expect(t, value.len == len && service_is_pattern(value.data, value.len),
		      "read of a value of %u bytes gave %zu bytes%s", len, value.len,
		      value.len == len ? ", and others" : "");
}
