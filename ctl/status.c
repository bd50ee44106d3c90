#include "status.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "json.h"

#define DEPTH_MAX 8
#define MIB (1024.0 * 1024.0)
#define GIB (1024.0 * MIB)

typedef const struct json_object *figures_part;

static int64_t number_at(figures_part part, const char *key)
{
	int64_t number = 0;

	json_get_int(part, key, &number);
	return number;
}

/* ---- minutes, the oldest first; the last one is under way ---- */

static int64_t last_minute(figures_part part, const char *key)
{
	struct json_object *minutes = json_any(part, key);
	size_t count = json_length(minutes);
	int64_t number = 0;

	if (count >= 2)
		json_int_of(json_at(minutes, count - 2), &number);
	return number;
}

static int64_t most_of_hour(figures_part part, const char *key)
{
	struct json_object *minutes = json_any(part, key);
	int64_t most = 0, number = 0;

	for (size_t i = 0; i < json_length(minutes); i++) {
		if (json_int_of(json_at(minutes, i), &number) && number > most)
			most = number;
	}
	return most;
}

/* ---- lines ---- */

static void add_time(FILE *out, int64_t seconds)
{
	int64_t minutes = seconds / 60;

	if (seconds >= 86400)
		fprintf(out, "%" PRId64 " d ", seconds / 86400);
	if (seconds >= 3600)
		fprintf(out, "%" PRId64 " h ", minutes / 60 % 24);
	if (seconds >= 60)
		fprintf(out, "%" PRId64 " min", minutes % 60);
	else
		fprintf(out, "%" PRId64 " s", seconds);
}

static void add_size(FILE *out, figures_part part, const char *key)
{
	int64_t bytes;

	if (json_get_int(part, key, &bytes) != JSON_FOUND)
		fputs("?", out);
	else if ((double)bytes < GIB)
		fprintf(out, "%.1f MiB", (double)bytes / MIB);
	else
		fprintf(out, "%.1f GiB", (double)bytes / GIB);
}

static bool show_api(figures_part figures, FILE *out)
{
	figures_part workers = json_any(figures, "workers");
	int64_t still = number_at(workers, "still");

	fputs("palabre-api    up ", out);
	add_time(out, number_at(figures, "uptimeSeconds"));
	fprintf(out,
		", %" PRId64 " workers, of which %" PRId64
		" do not move and %" PRId64 " are to leave\n",
		number_at(workers, "running"), still,
		number_at(workers, "leaving"));
	fprintf(out,
		"replaced       %" PRId64 " that died, %" PRId64
		" that did not move, %" PRId64 " that did not leave\n",
		number_at(workers, "died"), number_at(workers, "stuck"),
		number_at(workers, "late"));
	return still == 0;
}

static bool show_push(figures_part push, FILE *out)
{
	fputs("palabre-pushd  ", out);
	if (push == NULL) {
		fputs("does not answer\n", out);
		return false;
	}
	fputs("up ", out);
	add_time(out, number_at(push, "uptimeSeconds"));
	fprintf(out,
		"\nconnections    %" PRId64 " WebSocket, %" PRId64
		" polling, %" PRId64 " line; %" PRId64 " users\n",
		number_at(push, "websockets"), number_at(push, "polls"),
		number_at(push, "lines"), number_at(push, "usersOnline"));
	fprintf(out,
		"queues         %" PRId64 " commands for workers, %" PRId64
		" bytes for clients\n",
		number_at(push, "queueDepth"), number_at(push, "queueBytes"));
	fprintf(out,
		"deliveries     %" PRId64 "; asked again %" PRId64
		" times for what may have been missed\n",
		number_at(push, "delivered"), number_at(push, "heals"));
	fprintf(out,
		"slow clients   %" PRId64 " closed, %" PRId64
		" times not told of typing or presence\n",
		number_at(push, "overflows"), number_at(push, "dropped"));
	return true;
}

static void show_messages(figures_part messages, FILE *out)
{
	fprintf(out,
		"messages       %.2f a second in the last minute, %" PRId64
		" in all\n",
		(double)last_minute(messages, "minutes") / 60.0,
		number_at(messages, "total"));
}

static void show_store(figures_part figures, FILE *out)
{
	figures_part store = json_any(figures, "store");

	fputs("store          ", out);
	add_size(out, store, "size");
	fputs(", its log ", out);
	add_size(out, store, "logSize");
	fputs(", left on its disk ", out);
	add_size(out, store, "diskLeft");
	fputs(", for files ", out);
	add_size(out, figures, "filesDiskLeft");
	fprintf(out,
		"\nwrites         %" PRId64
		" in the last minute, %.1f ms each; the slowest of the hour "
		"%.1f ms\n",
		last_minute(store, "writes"),
		(double)last_minute(store, "writeMicros") / 1000.0,
		(double)most_of_hour(store, "slowestMicros") / 1000.0);
}

int status_show(const char *body, FILE *out)
{
	struct json_object *figures = NULL;

	json_parse(body, strlen(body), JSON_OURS(DEPTH_MAX), &figures);
	if (json_any(figures, "workers") == NULL) {
		fprintf(out, "palabre-api    says %s\n", body);
		json_free(figures);
		return 1;
	}
	bool moves = show_api(figures, out);
	bool answers = show_push(json_any(figures, "push"), out);

	show_messages(json_any(figures, "messages"), out);
	show_store(figures, out);
	json_free(figures);
	return moves && answers ? 0 : 1;
}
