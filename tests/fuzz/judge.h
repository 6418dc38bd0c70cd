/* What must hold of every package that is opened, and of every one that is refused. */
#ifndef OTADFU_TESTS_FUZZ_JUDGE_H
#define OTADFU_TESTS_FUZZ_JUDGE_H

void judge_package(const char *path);

#endif
