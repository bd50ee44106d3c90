/*
 * metrics_text - one metric in the words of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * labels: as they are written.
 */
#ifndef METRICS_TEXT_H
#define METRICS_TEXT_H

#include <stdint.h>

struct buf;
struct metrics_histogram;

/* What stands before the lines of a metric. type: of theirs. */
void metrics_text_head(struct buf *out, const char *name, const char *type,
		       const char *help);
/* labels may be "". */
void metrics_text_line(struct buf *out, const char *name, const char *labels,
		       uint64_t value);
void metrics_text_histogram(struct buf *out, const char *name,
			    const char *labels,
			    const struct metrics_histogram *histogram);

#endif
