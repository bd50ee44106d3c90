/*
 * metrics_push - what palabre-pushd has counted, in the words of Prometheus.
 */
#ifndef METRICS_PUSH_H
#define METRICS_PUSH_H

struct buf;
struct figures;

/* Writes nothing when palabre-pushd does not answer. */
void metrics_push_write(struct buf *out, const struct figures *figures);

#endif
