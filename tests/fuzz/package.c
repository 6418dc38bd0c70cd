/* A zip file, byte for byte as it comes. */
#include "fuzz.h"
#include "input_file.h"
#include "judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input_file file;

	input_file_prepare(&file, "input.zip");
	input_file_write(&file, data, size);
	judge_package(file.path);
	input_file_remove(&file);
	return 0;
}
