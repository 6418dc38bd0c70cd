/* The lines of a transcript. */
#ifndef OTADFU_DECISIONS_LINE_H
#define OTADFU_DECISIONS_LINE_H

#include "transcript.h"

/* Else it is a legacy one. */
bool transcript_is_secure(const struct transcript *transcript);

bool line_is_request(const json_t *line); /* on the Control Point */
bool line_is_event(const json_t *line, const char *name);
/* What every client does in its own way, or what does nothing. */
bool line_is_passive(const json_t *line);
/* What a client does by its own decision. */
bool line_is_clients(const json_t *line);

/* The bytes of packets, or of those that were lost; free *ret_owned. False: it has none. */
bool line_find_packets(const struct transcript *transcript, const json_t *line,
		       struct bytes *ret_bytes, uint8_t **ret_owned);

#endif
