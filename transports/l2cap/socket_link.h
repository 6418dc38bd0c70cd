/* A link over a connected SEQPACKET socket that carries one ATT PDU a packet. */
#ifndef OTADFU_L2CAP_SOCKET_LINK_H
#define OTADFU_L2CAP_SOCKET_LINK_H

#include "att_client.h"

/*
 * A link for the functions of att_client.h, which owns fd from now on. OTADFU_E_NOMEM: fd is still
 * the caller's.
 */
int socket_link_new(int fd, struct otadfu_link **ret_link);

#endif
