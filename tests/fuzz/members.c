/*
 * A good zip file with members that are invented: manifest, init packets and images are reached
 * without a directory and checksums to get right first. For each member one byte, its place in
 * names[] (top bit: deflated), two bytes length, low one first, and the content.
 */
#include "bytes.h"
#include "fuzz.h"
#include "input_file.h"
#include "judge.h"
#include "zip_write.h"

enum { MEMBERS_MAX = 10, MEMBER_HEAD = 3, DEFLATED = 0x80 };

/* The first half as nrfutil names them, the second as packages without a manifest do. */
static const char *const names[] = {
	"manifest.json",   "app.bin",         "app.dat",         "sd.bin",         "sd.dat",
	"bl.bin",          "bl.dat",          "sd_bl.bin",       "sd_bl.dat",      "__MACOSX/._app",
	"application.bin", "application.hex", "application.dat", "softdevice.bin", "softdevice.hex",
	"softdevice.dat",  "bootloader.bin",  "bootloader.hex",  "bootloader.dat", "system.dat",
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static struct zip_member take_member(struct cursor *c)
{
	uint8_t head = cursor_u8(c);
	size_t len = cursor_le16(c);

	if (len > cursor_left(c))
		len = cursor_left(c);
	return (struct zip_member){ .name = names[(head & ~DEFLATED) % NAMES],
				    .data = cursor_take(c, len),
				    .len = len,
				    .is_deflated = head & DEFLATED };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zip_member members[MEMBERS_MAX];
	struct cursor c = cursor_over(data, size);
	struct input_file file;
	size_t count = 0;

	while (count < MEMBERS_MAX && cursor_left(&c) >= MEMBER_HEAD)
		members[count++] = take_member(&c);
	input_file_prepare(&file, "input.zip");
	/* Not written where two members have one name. */
	if (zip_write(file.path, members, count) == 0)
		judge_package(file.path);
	input_file_remove(&file);
	return 0;
}
