#include "machine.h"

#include "cleanup.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

enum { LINES_MAX = 100, LINE_BYTES = 512 };

/* Quotes go; what a shell would unescape is left as it stands. */
static void take_value(const char *value, char name[MACHINE_TEXT_MAX])
{
	size_t len = strcspn(value, "\n");

	if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
		value++;
		len -= 2;
	}
	snprintf(name, MACHINE_TEXT_MAX, "%.*s", (int)len, value);
}

bool machine_read_name(const char *path, char name[MACHINE_TEXT_MAX])
{
	static const char key[] = "PRETTY_NAME=";
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[LINE_BYTES];

	for (int i = 0; file && i < LINES_MAX && fgets(line, sizeof(line), file); i++) {
		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		take_value(line + strlen(key), name);
		return name[0] != '\0';
	}
	return false;
}

void machine_look(struct machine *ret_machine)
{
	struct utsname name;

	*ret_machine = (struct machine){ 0 };
	if (uname(&name) == 0)
		snprintf(ret_machine->kernel, sizeof(ret_machine->kernel), "%.20s %.64s %.32s",
			 name.sysname, name.release, name.machine);
	if (!machine_read_name("/etc/os-release", ret_machine->system))
		machine_read_name("/usr/lib/os-release", ret_machine->system);
}
