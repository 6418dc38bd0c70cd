#include "doctor.h"

#include "auto.h"
#include "host.h"

#include <otadfu/transport.h>
#include <stdlib.h>
#include <string.h>

/* What on_finding needs to know. */
struct round {
	struct doctor *doctor;
	bool is_of_device;
	bool out_of_memory;
};

static struct doctor_finding *find_known(struct doctor *doctor,
					 const struct otadfu_finding *finding)
{
	for (size_t i = 0; i < doctor->finding_count; i++) {
		struct doctor_finding *known = &doctor->findings[i];

		if (strcmp(known->subject, finding->subject) == 0 &&
		    strcmp(known->text, finding->text) == 0)
			return known;
	}
	return NULL;
}

/* NULL: out of memory. */
static struct doctor_finding *add_finding(struct doctor *doctor, const char *subject,
					  const char *text)
{
	struct doctor_finding *grown = reallocarray(doctor->findings, doctor->finding_count + 1,
						    sizeof(*doctor->findings));
	struct doctor_finding *added;

	if (!grown)
		return NULL;
	doctor->findings = grown;
	added = &grown[doctor->finding_count];
	*added = (struct doctor_finding){ .subject = strdup(subject), .text = strdup(text) };
	if (!added->subject || !added->text) {
		free(added->subject);
		free(added->text);
		return NULL;
	}
	doctor->finding_count++;
	return added;
}

/* What is a mere fact to one transport may hinder another. */
static void hear(void *user, const struct otadfu_finding *finding)
{
	struct round *round = user;
	struct doctor_finding *known;

	if (!finding->subject || !finding->text)
		return;
	known = find_known(round->doctor, finding);
	if (!known) {
		known = add_finding(round->doctor, finding->subject, finding->text);
		if (known)
			known->is_of_device = round->is_of_device;
	}
	if (!known) {
		round->out_of_memory = true;
		return;
	}
	known->hinders |= finding->kind == OTADFU_FINDING_HINDRANCE;
	if (!known->remedy && finding->remedy)
		known->remedy = strdup(finding->remedy);
	if (known->is_of_device && known->hinders)
		round->doctor->device_is_blocked = true;
}

/* An older plugin ends before examine; the loader has made that NULL. */
static int examine_with(const struct doctor_job *job, struct task *task,
			struct doctor_transport *transport, const struct otadfu_addr *device,
			struct round *round, struct failure *why)
{
	const struct otadfu_transport_ops *ops = transport->ops;
	struct options *options = NULL;
	struct call call;
	int r;

	if (!ops->examine) {
		transport->verdict = DOCTOR_SILENT;
		return OTADFU_OK;
	}
	r = options_resolve(ops->name, ops->options, &job->profile->settings, &options, why);
	if (r != OTADFU_OK)
		return r;
	call_begin(&call, task, ops->name, options);
	r = ops->examine(&call.ctx, job->profile->adapter.value, device, hear, round);
	transport->verdict = r == OTADFU_OK ? DOCTOR_WORKS : DOCTOR_FAILS;
	failure_clear(&transport->why);
	if (r != OTADFU_OK)
		call_explain(&call, r, &transport->why);
	options_free(options);
	if (round->out_of_memory)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	return r == OTADFU_E_CANCELLED ? failure_set(why, r, 0, "interrupted") : OTADFU_OK;
}

static int examine_all(const struct doctor_job *job, struct task *task, struct doctor *doctor,
		       struct failure *why)
{
	struct round round = { .doctor = doctor };
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && i < doctor->transport_count; i++)
		r = examine_with(job, task, &doctor->transports[i], NULL, &round, why);
	return r;
}

static bool is_listed(const struct doctor *doctor, const struct otadfu_transport_ops *ops)
{
	for (size_t i = 0; i < doctor->transport_count; i++) {
		if (doctor->transports[i].ops == ops)
			return true;
	}
	return false;
}

static void list(struct doctor *doctor, const struct otadfu_transport_ops *ops)
{
	if (!is_listed(doctor, ops))
		doctor->transports[doctor->transport_count++].ops = ops;
}

/* The named one; else all, in the order in which they would be tried. */
static int list_transports(const struct doctor_job *job, struct doctor *doctor, struct failure *why)
{
	const struct registry *registry = job->registry;
	const struct profile_text *named = &job->profile->transport;
	const struct otadfu_transport_ops *ops;
	size_t count = 0;

	while (registry_transport_at(registry, count))
		count++;
	doctor->transports = calloc(count + 1, sizeof(*doctor->transports));
	if (!doctor->transports)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	if (!auto_is_meant(named)) {
		ops = registry_transport(registry, named->value);
		if (!ops)
			return failure_set(why, OTADFU_E_NOT_FOUND, 0,
					   "no plugin provides the transport '%s'", named->value);
		list(doctor, ops);
		return OTADFU_OK;
	}
	for (size_t i = 0; (ops = auto_at(registry, i)); i++)
		list(doctor, ops);
	for (size_t i = 0; i < count; i++)
		list(doctor, registry_transport_at(registry, i));
	return OTADFU_OK;
}

static struct doctor_transport *choose(const struct doctor_job *job, const struct doctor *doctor)
{
	bool is_auto = auto_is_meant(&job->profile->transport);

	/* Those of auto.h stand first. */
	for (size_t i = 0; i < doctor->transport_count; i++) {
		struct doctor_transport *transport = &doctor->transports[i];

		if (is_auto && transport->ops != auto_at(job->registry, i))
			return NULL;
		if (transport->verdict == DOCTOR_WORKS ||
		    (transport->verdict == DOCTOR_SILENT && !is_auto))
			return transport;
	}
	return NULL;
}

/* The chosen one is asked again, with the device: what is new then is about the device. */
static int examine_device(const struct doctor_job *job, struct task *task,
			  struct doctor_transport *choice, struct doctor *doctor,
			  struct failure *why)
{
	struct round round = { .doctor = doctor, .is_of_device = true };
	int r = examine_with(job, task, choice, job->device, &round, why);

	if (choice->verdict == DOCTOR_FAILS)
		doctor->device_is_blocked = true;
	return r;
}

int doctor_examine(const struct doctor_job *job, struct doctor *ret_doctor, struct failure *why)
{
	struct task task = { .clock = job->clock, .log = job->log, .cancel_fd = job->cancel_fd };
	struct doctor_transport *choice;
	struct doctor doctor = { 0 };
	int r = list_transports(job, &doctor, why);

	if (r == OTADFU_OK)
		r = examine_all(job, &task, &doctor, why);
	choice = r == OTADFU_OK ? choose(job, &doctor) : NULL;
	if (choice)
		doctor.choice = choice->ops;
	if (choice && job->device)
		r = examine_device(job, &task, choice, &doctor, why);
	if (r != OTADFU_OK) {
		doctor_clear(&doctor);
		return r;
	}
	*ret_doctor = doctor;
	return OTADFU_OK;
}

void doctor_clear(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->finding_count; i++) {
		free(doctor->findings[i].subject);
		free(doctor->findings[i].text);
		free(doctor->findings[i].remedy);
	}
	free(doctor->findings);
	free(doctor->transports);
	*doctor = (struct doctor){ 0 };
}
