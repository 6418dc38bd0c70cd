/* What is known of a peer before it is talked to. */
#include "cases.h"
#include "steps.h"

#include <string.h>

enum { SMALL_CAP = 3, SMALL_MTU = 64 };

static bool expect_chr(struct trial *t, enum service_chr which, size_t *last_place)
{
	static const uint16_t all_props = OTADFU_PROP_READ | OTADFU_PROP_WRITE_CMD |
					  OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY |
					  OTADFU_PROP_INDICATE;
	size_t place = service_find(t->chrs, t->chr_count, which);
	const char *name = service_chr_name(which);
	uint16_t props = t->chrs[place].props & all_props;

	if (!expect(t, props == service_chr_props(which), "%s has properties %02X, not %02X", name,
		    props, service_chr_props(which)) ||
	    !expect(t, which == 0 || place > *last_place, "%s is not in the peer's order", name))
		return false;
	*last_place = place;
	return true;
}

static bool expect_distinct_ids(struct trial *t)
{
	for (size_t i = 0; i < t->chr_count; i++) {
		if (!expect(t, t->chrs[i].id != 0, "characteristic %zu has the id 0", i))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (!expect(t, t->chrs[i].id != t->chrs[j].id,
				    "characteristics %zu and %zu have the id %u both", j, i,
				    t->chrs[i].id))
				return false;
		}
	}
	return true;
}

bool case_discover(struct trial *t)
{
	size_t place = 0;

	if (!begin(t) || !expect_distinct_ids(t))
		return false;
	for (int i = 0; i < SERVICE_MOVED; i++) {
		if (!expect_chr(t, (enum service_chr)i, &place))
			return false;
	}
	return note(t, "%zu characteristics", t->chr_count);
}

bool case_discover_small(struct trial *t)
{
	struct otadfu_chr guard;
	size_t needed = 0;

	if (!connect_peer(t) || !exchange_mtu(t))
		return false;
	memset(t->chrs, 0x5A, sizeof(t->chrs));
	guard = t->chrs[SMALL_CAP];
	try_discover(t, SMALL_CAP, &needed, in_ms(t, PATIENCE_MS));
	if (!expect_code(t, OTADFU_E_OVERFLOW, "discover with room for 3") ||
	    !expect(t, memcmp(&guard, &t->chrs[SMALL_CAP], sizeof(guard)) == 0,
		    "discover wrote more characteristics than it had room for") ||
	    !expect(t, needed >= SERVICE_MOVED && needed <= TRIAL_CHRS_MAX,
		    "discover told %zu as the needed count", needed))
		return false;
	try_discover(t, needed, &t->chr_count, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, "discover with the needed room") &&
	       expect(t, t->chr_count == needed, "discover needed %zu and gave %zu", needed,
		      t->chr_count);
}

static bool expect_agreed_mtu(struct trial *t)
{
	struct service_log log;

	return read_log(t, &log) &&
	       expect(t, log.mtu == t->mtu, "mtu told %u, and the peer's is %u", t->mtu, log.mtu);
}

bool case_mtu(struct trial *t)
{
	if (!begin(t))
		return false;
	if (!t->mtu_is_known)
		return skip(t, "it cannot tell the MTU");
	if (!expect_agreed_mtu(t))
		return false;
	do_disconnect(t);
	if (!connect_peer(t))
		return false;
	try_mtu(t, SMALL_MTU, &t->mtu, in_ms(t, PATIENCE_MS));
	return expect_code(t, OTADFU_OK, "mtu") && list_characteristics(t) && expect_agreed_mtu(t);
}

bool case_tune(struct trial *t)
{
	struct otadfu_link_params actual = { .size = sizeof(actual) };
	struct otadfu_link_params guarded;
	struct call call;

	if (!link_ops(t)->tune)
		return skip(t, "it has no tune");
	if (!begin(t))
		return false;
	/* A caller of an older ABI knows the first members only. */
	memset(&guarded, 0x5A, sizeof(guarded));
	guarded.size = offsetof(struct otadfu_link_params, supervision_ms);
	for (int i = 0; i < 2; i++) {
		call_begin(&call, &t->rig->task, t->rig->job->transport->name,
			   t->rig->job->options);
		t->code = link_ops(t)->tune(&call.ctx, t->link, NULL, i == 0 ? &actual : &guarded,
					    in_ms(t, PATIENCE_MS));
		t->why = call.failure;
		if (t->code == OTADFU_E_UNSUPPORTED)
			return skip(t, "it cannot tell what is in force");
		if (!expect_code(t, OTADFU_OK, "tune"))
			return false;
	}
	return expect(t, guarded.supervision_ms == 0x5A5A5A5A,
		      "tune wrote more than ret_actual->size") &&
	       note(t, "interval %u us, supervision %u ms", actual.interval_us,
		    actual.supervision_ms);
}

bool case_database(struct trial *t)
{
	struct value value;

	if (!begin(t) || !control(t, service_change()) || !reconnect(t) ||
	    !expect(t, t->ids[SERVICE_MOVED] != 0,
		    "the peer has changed its database, and what was discovered is the old one") ||
	    !fill_and_read(t, 10) || !read_value(t, SERVICE_LONG, &value) ||
	    !expect(t, value.len == SERVICE_LONG_LEN, "read of Long gave %zu bytes, not %d",
		    value.len, SERVICE_LONG_LEN) ||
	    !read_value(t, SERVICE_MOVED, &value) ||
	    !expect(t, value.len == 1 && value.data[0] == SERVICE_MOVED_VALUE,
		    "read of Moved gave something else"))
		return false;
	return control(t, service_reset()) && reconnect(t) &&
	       expect(t, t->ids[SERVICE_MOVED] == 0,
		      "the peer has its first database again, and "
		      "what was discovered is the other");
}
