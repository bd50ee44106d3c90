#include "metrics_text.h"

#include "buf.h"
#include "metrics.h"

#define SECOND_US 1000000

void metrics_text_head(struct buf *out, const char *name, const char *type,
		       const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_text_line(struct buf *out, const char *name, const char *labels,
		       uint64_t value)
{
	buf_addf(out, *labels != '\0' ? "%s{%s} " : "%s%s ", name, labels);
	buf_add_int(out, (int64_t)value);
	buf_adds(out, "\n");
}

static void write_seconds(struct buf *out, uint64_t us)
{
	buf_addf(out, "%llu.%06llu", (unsigned long long)(us / SECOND_US),
		 (unsigned long long)(us % SECOND_US));
}

/* A bound without the zeros that others would not write. */
static void write_bound(struct buf *out, int64_t us)
{
	int64_t rest = us % SECOND_US;
	int digits = 6;

	buf_addf(out, "%lld", (long long)(us / SECOND_US));
	for (; rest > 0 && rest % 10 == 0; rest /= 10)
		digits--;
	if (rest > 0)
		buf_addf(out, ".%0*lld", digits, (long long)rest);
}

/* https://prometheus.io/docs/concepts/metric_types/#histogram: each bucket has
 * all that was no longer. */
void metrics_text_histogram(struct buf *out, const char *name,
			    const char *labels,
			    const struct metrics_histogram *histogram)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= METRICS_BOUNDS; i++) {
		count += histogram->counts[i];
		buf_addf(out, "%s_bucket{%s,le=\"", name, labels);
		if (i < METRICS_BOUNDS)
			write_bound(out, metrics_bound_us(i));
		else
			buf_adds(out, "+Inf");
		buf_addf(out, "\"} %llu\n", (unsigned long long)count);
	}
	buf_addf(out, "%s_sum{%s} ", name, labels);
	write_seconds(out, histogram->sum_us);
	buf_addf(out, "\n%s_count{%s} %llu\n", name, labels,
		 (unsigned long long)count);
}
