#include "write_limit.h"

#include <stddef.h>

#include "app.h"
#include "clock.h"
#include "palabre_options.h"
#include "write_buckets.h"

#define MS_US 1000
#define SECOND_US 1000000

static struct write_rate rate_of(const struct app *app)
{
	return (struct write_rate){app->options->write_rate,
				   app->options->write_burst};
}

int64_t write_limit_take(struct app *app, const char *user)
{
	const struct write_rate rate = rate_of(app);

	if (app->buckets == NULL)
		return 0;
	int64_t wait_us = write_buckets_take(app->buckets, user, &rate,
					     clock_mono_ms() * MS_US);

	return (wait_us + SECOND_US - 1) / SECOND_US;
}

void write_limit_give_back(struct app *app, const char *user)
{
	const struct write_rate rate = rate_of(app);

	if (app->buckets != NULL)
		write_buckets_give_back(app->buckets, user, &rate);
}
