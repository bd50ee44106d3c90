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
	return (struct write_rate){
		.rate = app->options->write_rate,
		.burst = app->options->write_burst,
		.seconds = 1,
	};
}

static int64_t take(struct app *app, const char *who,
		    const struct write_rate *rate)
{
	if (app->buckets == NULL)
		return 0;
	int64_t wait_us = write_buckets_take(app->buckets, who, rate,
					     clock_mono_ms() * MS_US);

	return (wait_us + SECOND_US - 1) / SECOND_US;
}

int64_t write_limit_take(struct app *app, const char *user)
{
	const struct write_rate rate = rate_of(app);

	return take(app, user, &rate);
}

int64_t write_limit_take_newcomer(struct app *app, const char *network)
{
	const struct write_rate rate = {
		.rate = app->options->register_rate,
		.burst = app->options->register_burst,
		.seconds = 60,
	};

	return take(app, network, &rate);
}

void write_limit_give_back(struct app *app, const char *user)
{
	const struct write_rate rate = rate_of(app);

	if (app->buckets != NULL)
		write_buckets_give_back(app->buckets, user, &rate);
}
