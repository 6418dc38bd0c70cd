/* What all controllers say of themselves. */
#ifndef AIR_IDENTITY_H
#define AIR_IDENTITY_H

enum {
	IDENTITY_VERSION = 0x09,   /* 5.0 */
	IDENTITY_COMPANY = 0xFFFF, /* none: for tests */
	IDENTITY_SUBVERSION = 0x0001
};

#endif
