#include "exit_status.h"

#include <otadfu/error.h>

int exit_status_of(int code)
{
	switch (code) {
	case OTADFU_OK:
		return EXIT_STATUS_DONE;
	case OTADFU_E_CONFIG:
		return EXIT_STATUS_USAGE;
	case OTADFU_E_PACKAGE:
		return EXIT_STATUS_REFUSED;
	case OTADFU_E_UNSUPPORTED:
	case OTADFU_E_NOT_FOUND:
	case OTADFU_E_PERMISSION:
		return EXIT_STATUS_MACHINE;
	case OTADFU_E_CANCELLED:
		return EXIT_STATUS_INTERRUPTED;
	default:
		return EXIT_STATUS_FAILED;
	}
}
