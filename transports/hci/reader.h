/* The one thread that speaks with the controller. */
#ifndef OTADFU_HCI_READER_H
#define OTADFU_HCI_READER_H

#include "adapter.h"

/* What the controller tells, on the reader's thread. */
struct controller_observer reader_observer(struct otadfu_adapter *adapter);

/* One round: what the controller has said, and what waits for it. True: there may be more to do at
 * once. Without a thread, for tests. */
bool reader_turn(struct otadfu_adapter *adapter);

/* For pthread_create; user is an adapter with its controller. Ends when the controller is lost, or
 * when adapter->stopping is set: then it leaves the controller reset, within 100 ms. */
void *reader_run(void *user);

#endif
