/* What most cases do on their way: each step is to succeed, and says so where it does not. */
#ifndef OTADFU_CONFORMANCE_STEPS_H
#define OTADFU_CONFORMANCE_STEPS_H

#include "trial.h"

/* Connects to the peer; no more. */
bool connect_peer(struct trial *t);
bool exchange_mtu(struct trial *t);
/* All characteristics, and those of the test service among them. */
bool list_characteristics(struct trial *t);
/* The three of them. */
bool link_up(struct trial *t);
/* The same and Reset: how each case begins. The database is the first one. */
bool begin(struct trial *t);
bool reconnect(struct trial *t);

/* An address that nobody has. */
struct otadfu_addr absent_peer(const struct trial *t);
/* The longest value of one write. */
size_t write_max(const struct trial *t);

bool control(struct trial *t, struct service_command command);
bool subscribe_to(struct trial *t, enum service_chr which);
bool read_value(struct trial *t, enum service_chr which, struct value *ret_value);
bool read_log(struct trial *t, struct service_log *ret_log);
/* The next notification. */
bool take_value(struct trial *t, enum service_chr which, struct value *ret_value);
/* Echo is filled with so many bytes and read back. */
bool fill_and_read(struct trial *t, uint16_t len);

#endif
