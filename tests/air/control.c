#include "control.h"

#include <stdlib.h>

/* Orders return what is wrong, or NULL. */

static const char *cut_links(struct air *air, struct controller *controller, const char *value)
{
	unsigned count = 0;

	(void)value;
	for (size_t i = 0; i < AIR_LINKS_MAX; i++) {
		struct link *link = &air->links[i];

		if (!link->used || (link->sides[CENTRAL].controller != controller &&
				    link->sides[PERIPHERAL].controller != controller))
			continue;
		link_cut(link);
		count++;
	}
	return count ? NULL : "it has no link";
}

static const char *set_silent(struct air *air, struct controller *controller, bool silent)
{
	char text[ADDRESS_TEXT_SIZE];

	address_text(&controller->traits.address, text);
	air_log(air, "controller %s: %s", text, silent ? "falls silent" : "speaks");
	controller->silent = silent;
	return NULL;
}

static const char *silence(struct air *air, struct controller *controller, const char *value)
{
	(void)value;
	return set_silent(air, controller, true);
}

static const char *speak(struct air *air, struct controller *controller, const char *value)
{
	(void)value;
	return set_silent(air, controller, false);
}

static const char *set_rssi(struct air *air, struct controller *controller, const char *value)
{
	char *end;
	long rssi = strtol(value, &end, 10);

	(void)air;
	if (end == value || *end || rssi < -127 || rssi > 20)
		return "expected a number from -127 to 20";
	controller->traits.rssi = (int8_t)rssi;
	return NULL;
}

static const struct order {
	const char *name;
	bool has_value;
	const char *(*run)(struct air *air, struct controller *controller, const char *value);
} orders[] = {
	{ "cut", false, cut_links },
	{ "silence", false, silence },
	{ "speak", false, speak },
	{ "rssi", true, set_rssi },
};

static const char *run_order(struct air *air, const char *name, const char *target,
			     const char *value)
{
	struct address address;
	struct controller *controller;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (strcmp(orders[i].name, name) != 0)
			continue;
		if (!target || orders[i].has_value != (value != NULL))
			return "expected an address, and a value only for rssi";
		controller =
			address_parse(target, &address) ? air_find_controller(air, &address) : NULL;
		return controller ? orders[i].run(air, controller, value)
				  : "no controller has this address";
	}
	return "no such order";
}

static void run_line(struct air *air, char *line, FILE *out)
{
	char *rest = NULL;
	const char *name = strtok_r(line, " ", &rest);
	const char *target = name ? strtok_r(NULL, " ", &rest) : NULL;
	const char *value = target ? strtok_r(NULL, " ", &rest) : NULL;
	const char *wrong = NULL;

	if (name && strcmp(name, "stats") == 0)
		air_report(air, out);
	else if (name)
		wrong = run_order(air, name, target, value);
	if (wrong)
		fprintf(out, "error: %s\n", wrong);
	else
		fputs("ok\n", out);
	fflush(out);
}

void control_take(struct control *control, struct air *air, const char *text, size_t len, FILE *out)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			control->line[control->len] = '\0';
			run_line(air, control->line, out);
			control->len = 0;
		} else if (control->len < CONTROL_LINE_MAX - 1) {
			control->line[control->len++] = text[i];
		}
	}
}
