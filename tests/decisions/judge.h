/* Did the client decide as the documents say? */
#ifndef OTADFU_DECISIONS_JUDGE_H
#define OTADFU_DECISIONS_JUDGE_H

#include "meeting.h"
#include "row.h"

enum { JUDGE_WHY_MAX = 512 };

/*
 * decision is clauses with "; " between them:
 *   after HEX: OP OP   having first heard what begins with HEX (or "attXX", "lost"), it does just
 * this next; OP is the beginning of a request, "packets", "connect", or "end" for nothing more
 *   sends HEX          it sends a request that begins so
 *   never HEX          it sends no request that begins so
 *   says TEXT          in the failure or in a note
 *   updated, failed, refused_by_host, refused_by_device, unproven, cancelled
 *                      how it ends, with the exit status of that; updated: the device runs the
 * image ROW_RECORDED: what is heard up to the first clause's HEX was recorded; without such a
 * clause, the recording is lived through to its end, and the device ends as recorded.
 */
bool judge(struct meeting *meeting, const struct plan *plan, enum row_how how, const char *decision,
	   char why[JUDGE_WHY_MAX]);

/* The decision on an attempt that was answered so; NULL: the documents have none. */
const char *judge_documented(const char *answer);

#endif
