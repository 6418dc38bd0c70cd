#include "notifyq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HANDLE = 3, OTHER = 0xFFFF };

static int begin(void **state)
{
	struct notifyq *q = notifyq_new();

	*state = q;
	if (q)
		notifyq_open(q, HANDLE);
	return q ? 0 : -1;
}

static int end(void **state)
{
	notifyq_free(*state);
	return 0;
}

static void push(struct notifyq *q, uint16_t handle, uint8_t value)
{
	notifyq_push(q, handle, &value, 1);
}

static void assert_taken(struct notifyq *q, uint16_t handle, uint8_t value)
{
	uint8_t buf[4];
	size_t len = 0;

	assert_int_equal(notifyq_take(q, handle, buf, sizeof(buf), &len), NOTIFYQ_TAKEN);
	assert_int_equal(len, 1);
	assert_int_equal(buf[0], value);
}

static void assert_outcome(struct notifyq *q, uint16_t handle, enum notifyq_result wanted)
{
	uint8_t buf[4];
	size_t len = 99;

	assert_int_equal(notifyq_take(q, handle, buf, sizeof(buf), &len), wanted);
	assert_int_equal(len, 99);
}

static void values_come_out_in_the_order_they_came(void **state)
{
	struct notifyq *q = *state;

	push(q, HANDLE, 1);
	push(q, HANDLE, 2);
	assert_taken(q, HANDLE, 1);
	push(q, HANDLE, 3); /* into the place of the first */
	assert_taken(q, HANDLE, 2);
	assert_taken(q, HANDLE, 3);
	assert_outcome(q, HANDLE, NOTIFYQ_NONE);
}

static void each_handle_has_its_own_values(void **state)
{
	struct notifyq *q = *state;

	notifyq_open(q, OTHER);
	push(q, HANDLE, 1);
	push(q, OTHER, 2);
	assert_taken(q, OTHER, 2);
	assert_outcome(q, OTHER, NOTIFYQ_NONE);
	assert_taken(q, HANDLE, 1);
}

static void what_nobody_subscribed_to_takes_no_place(void **state)
{
	struct notifyq *q = *state;

	for (int i = 0; i < 2 * NOTIFYQ_LEN; i++)
		push(q, OTHER, 0);
	assert_false(notifyq_is_full(q));
	notifyq_open(q, OTHER);
	assert_outcome(q, OTHER, NOTIFYQ_NONE);
}

static void a_loss_is_told_once_and_where_it_is(void **state)
{
	struct notifyq *q = *state;

	for (int i = 0; i < NOTIFYQ_LEN + 3; i++)
		push(q, HANDLE, (uint8_t)i);
	assert_taken(q, HANDLE, 0);
	push(q, HANDLE, 200); /* behind the gap */
	for (int i = 1; i < NOTIFYQ_LEN; i++)
		assert_taken(q, HANDLE, (uint8_t)i);
	assert_outcome(q, HANDLE, NOTIFYQ_LOST);
	assert_taken(q, HANDLE, 200);
	assert_outcome(q, HANDLE, NOTIFYQ_NONE);
}

static void whoever_has_most_gives_way(void **state)
{
	struct notifyq *q = *state;

	notifyq_open(q, OTHER);
	for (int i = 0; i < NOTIFYQ_LEN; i++)
		push(q, HANDLE, (uint8_t)i);
	for (int i = 0; i < NOTIFYQ_LEN; i++)
		push(q, OTHER, (uint8_t)i);
	for (int i = 0; i < NOTIFYQ_LEN / 2; i++) {
		assert_taken(q, HANDLE, (uint8_t)i);
		assert_taken(q, OTHER, (uint8_t)i);
	}
	assert_outcome(q, HANDLE, NOTIFYQ_LOST);
	assert_outcome(q, OTHER, NOTIFYQ_LOST);
	assert_outcome(q, HANDLE, NOTIFYQ_NONE);
	assert_outcome(q, OTHER, NOTIFYQ_NONE);
}

static void who_has_few_loses_nothing(void **state)
{
	struct notifyq *q = *state;

	notifyq_open(q, OTHER);
	for (int i = 0; i < 2 * NOTIFYQ_LEN; i++)
		push(q, HANDLE, 0);
	for (int i = 0; i < 32; i++)
		push(q, OTHER, (uint8_t)i);
	for (int i = 0; i < NOTIFYQ_LEN; i++)
		push(q, HANDLE, 0);
	for (int i = 0; i < 32; i++)
		assert_taken(q, OTHER, (uint8_t)i);
	assert_outcome(q, OTHER, NOTIFYQ_NONE);
}

static void a_loss_on_the_way_is_told_of_every_open_handle(void **state)
{
	struct notifyq *q = *state;

	notifyq_lose(q);
	notifyq_open(q, OTHER);
	assert_outcome(q, HANDLE, NOTIFYQ_LOST);
	assert_outcome(q, OTHER, NOTIFYQ_NONE);
}

static void a_value_too_long_for_the_caller_is_dropped(void **state)
{
	static const uint8_t longer[5] = { 1, 2, 3, 4, 5 };
	struct notifyq *q = *state;

	notifyq_push(q, HANDLE, longer, sizeof(longer));
	push(q, HANDLE, 6);
	assert_outcome(q, HANDLE, NOTIFYQ_TOO_LONG);
	assert_taken(q, HANDLE, 6);
}

static void a_value_longer_than_any_may_be_is_lost(void **state)
{
	static const uint8_t longer[NOTIFYQ_VALUE_MAX + 1];

	notifyq_push(*state, HANDLE, longer, sizeof(longer));
	assert_outcome(*state, HANDLE, NOTIFYQ_LOST);
}

static void a_shut_handle_forgets_everything(void **state)
{
	struct notifyq *q = *state;

	for (int i = 0; i <= NOTIFYQ_LEN; i++)
		push(q, HANDLE, 0);
	notifyq_shut(q, HANDLE);
	assert_false(notifyq_is_full(q));
	assert_false(notifyq_is_open(q, HANDLE));
	notifyq_open(q, HANDLE);
	assert_outcome(q, HANDLE, NOTIFYQ_NONE);
}

static void an_empty_value_is_one(void **state)
{
	uint8_t buf[1];
	size_t len = 99;

	notifyq_push(*state, HANDLE, NULL, 0);
	assert_int_equal(notifyq_take(*state, HANDLE, buf, sizeof(buf), &len), NOTIFYQ_TAKEN);
	assert_int_equal(len, 0);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(values_come_out_in_the_order_they_came),
		TEST(each_handle_has_its_own_values),
		TEST(what_nobody_subscribed_to_takes_no_place),
		TEST(a_loss_is_told_once_and_where_it_is),
		TEST(whoever_has_most_gives_way),
		TEST(who_has_few_loses_nothing),
		TEST(a_loss_on_the_way_is_told_of_every_open_handle),
		TEST(a_value_too_long_for_the_caller_is_dropped),
		TEST(a_value_longer_than_any_may_be_is_lost),
		TEST(a_shut_handle_forgets_everything),
		TEST(an_empty_value_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
