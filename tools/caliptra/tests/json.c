// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests what JSON is taken, how it is read, and that the rest is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"

/* Of exactly this length, so that reading beyond it is seen. */
static int take(const char *text, size_t len, json_object **object)
{
	char *copy = malloc(len ? len : 1);
	int status;

	assert_non_null(copy);
	memcpy(copy, text, len);
	status = json_read("text", "IT", copy, len, object);
	free(copy);
	assert_true(!status == !!*object);
	return status;
}

static void what_is_json_is_taken(void **state)
{
	static const struct {
		const char *text;
		const char *same;
	} cases[] = {
		{ "{}", "{}" },
		{ " {\t} \r\n", "{}" },
		{ "{\"a\":[]}", "{\"a\":[]}" },
		{ "{\"a\": [ 1 , -2, 0, [3]], \"b\": {\"a\": null}}",
		  "{\"a\":[1,-2,0,[3]],\"b\":{\"a\":null}}" },
		{ "{\"a\":true,\"b\":false}", "{\"a\":true,\"b\":false}" },
		{ "{\"a\":\"'\\u0041\\n\\\"\\\\:\"}",
		  "{\"a\":\"'A\\n\\\"\\\\:\"}" },
		{ "{\"a\":18446744073709551615,\"b\":-9223372036854775808}",
		  "{\"a\":18446744073709551615,\"b\":-9223372036854775808}" },
		{ "{\"a\":18446744073709551616,\"b\":1.50,\"c\":1E+9}",
		  "{\"a\":18446744073709551616,\"b\":1.50,\"c\":1E+9}" },
	};
	json_object *object;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			take(cases[i].text, strlen(cases[i].text), &object), 0);
		assert_string_equal(json_object_to_json_string_ext(
					    object, JSON_C_TO_STRING_PLAIN),
				    cases[i].same);
		json_object_put(object);
	}
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"[]",
		"5",
		"null",
		"\"a\"",
		"{]",
		"{\"a\":}",
		"{\"a\" 1}",
		"{\"a\":1 \"b\":2}",
		"{,}",
		"{\"a\":1,}",
		"{a:1}",
		"{'a':1}",
		"{\"a\":'b'}",
		"{\"a\":[1,]}",
		"{\"a\":[,1]}",
		"{\"a\":01}",
		"{\"a\":+1}",
		"{\"a\":.5}",
		"{\"a\":5.}",
		"{\"a\":1e}",
		"{\"a\":-}",
		"{\"a\":0x10}",
		"{\"a\":NaN}",
		"{\"a\":nul}",
		"{\"a\":True}",
		"{\"a\":\"\\q\"}",
		"{\"a\":1}}",
		"{\"a\":1} //",
		"{\"a\":\"\x80\"}",
		"{\"a\":\"\n\"}",
		"{\"a\":1,\"a\":1}",
		"{\"\\u0000\":1}",
		"{\"a\":1,\"\\u0061\":1}",
	};
	json_object *object;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (take(cases[i], strlen(cases[i]), &object) != CLI_USAGE)
			fail_msg("%s is taken", cases[i]);
	assert_int_equal(take("{}\0", 3, &object), CLI_USAGE);
}

static const char whole[] =
	"{\"a\": [1, \"\\u00e4\\\\\", -2.5e3, {\"b\": null}], \"c\": {\"d\": true}}";

static void what_is_cut_short_is_refused(void **state)
{
	json_object *object;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(whole) - 1; len++)
		assert_int_equal(take(whole, len, &object), CLI_USAGE);
	assert_int_equal(take(whole, len, &object), 0);
	json_object_put(object);
}

/* Whatever it is then: nobody reads beyond it. */
static void any_byte_may_be_another(void **state)
{
	static const char others[] = "\"\\{}[]:,'0-.e\0n\x80";
	char text[sizeof(whole)];
	json_object *object;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(whole) - 1; i++)
		for (k = 0; k < sizeof(others) - 1; k++) {
			memcpy(text, whole, sizeof(whole));
			text[i] = others[k];
			take(text, sizeof(whole) - 1, &object);
			json_object_put(object);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_json_is_taken),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(what_is_cut_short_is_refused),
		cmocka_unit_test(any_byte_may_be_another),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
