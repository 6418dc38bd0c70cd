#include "wishes.h"

#include "status.h"

uint8_t wishes_take_length(struct reader *parameters, struct data_length *ret_length)
{
	enum { OCTETS_MAX = 251, TIME_MAX_US = 17040 /* coded PHY */ };
	uint16_t octets = take_u16(parameters);
	uint16_t time_us = take_u16(parameters);

	if (parameters->failed || octets < DATA_OCTETS_MIN || octets > OCTETS_MAX ||
	    time_us < DATA_TIME_MIN_US || time_us > TIME_MAX_US)
		return STATUS_INVALID_PARAMETERS;
	ret_length->octets = octets;
	ret_length->time_us = time_us < DATA_TIME_MAX_US ? time_us : DATA_TIME_MAX_US;
	return STATUS_SUCCESS;
}

uint8_t wishes_take_phys(const struct controller *controller, struct reader *parameters,
			 uint8_t *ret_tx_phys, uint8_t *ret_rx_phys)
{
	enum { ANY_TX = 0x01, ANY_RX = 0x02 };
	uint8_t known = controller->traits.phy_2m ? PHY_1M | PHY_2M : PHY_1M;
	uint8_t any = take_u8(parameters);
	uint8_t tx = take_u8(parameters), rx = take_u8(parameters);

	tx = any & ANY_TX ? known : tx;
	rx = any & ANY_RX ? known : rx;
	if (parameters->failed || tx == 0 || rx == 0)
		return STATUS_INVALID_PARAMETERS;
	if ((tx | rx) & ~known)
		return STATUS_UNSUPPORTED;
	*ret_tx_phys = tx;
	*ret_rx_phys = rx;
	return STATUS_SUCCESS;
}
