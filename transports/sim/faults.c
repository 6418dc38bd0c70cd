#include "faults.h"

bool faults_let_request(struct faults *faults)
{
	uint32_t limit = faults->plan.ignore_requests_after;

	return limit == 0 || ++faults->requests <= limit;
}

bool faults_let_packet(struct faults *faults, uint8_t *data, size_t len)
{
	faults->packets++;
	if (faults->packets == faults->plan.lose_packet)
		return false;
	if (faults->packets == faults->plan.corrupt_packet && len > 0)
		data[len / 2] ^= 0x10;
	return true;
}

enum fault faults_after_write(struct faults *faults)
{
	faults->writes++;
	if (faults->writes == faults->plan.power_cut_after_writes)
		return FAULT_POWER_CUT;
	return faults->writes == faults->plan.cut_after_writes ? FAULT_CUT : FAULT_NONE;
}
