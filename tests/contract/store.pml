/*
 * store - the scheme by which messages and changes get their numbers on a
 * MongoDB (fcgi-app/store/mongo/mongo_schema.c), and what is promised of it:
 *
 *   2  the same clientId is one message for ever, whoever asks how often
 *   3  numbers have no hole and no repeat
 *
 * Two or three writers send a message each (with -DEDITS: edit one that is there, and
 * may finish what another one began), and ask again when they fail. Between any
 * two steps one may be killed, or the primary may be lost with all that no
 * majority has: what its writer was not told of, though others may have seen
 * it. Each read is of the primary or of a secondary that lags.
 *
 * What a majority has is what the secondary has: a write is told of once the
 * secondary has caught up. What is one document is written in one atomic step;
 * nothing else is. Who reads at the secondary finds all that it says is there,
 * for check() looks at it whenever it has caught up.
 *
 * -DERROR=n plants an error, which must be found:
 *
 *   1  what was read is taken for written for good, and a step is made of it
 *   2  a step needs no step before it
 *   3  a duplicate is answered as soon as it is seen
 *   4  a change is numbered before it is folded in
 */
#define MOST 3 /* writers there can be, so numbers */

#ifndef WRITERS
#define WRITERS MOST
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef ERROR
#define ERROR 0
#endif

typedef store {
	byte last;	    /* lastSeq, or lastChange */
	byte steps;	    /* that brought it there: each changes more than it */
	byte row[MOST + 1]; /* whose message, or change, has it; 0: nobody's */
#ifdef EDITS
	/* Of each writer's message: a change is folded in that waits for its
	 * number; and the number, once it is written there. */
	bit pending[MOST + 1];
	byte number[MOST + 1];
#endif
};

store primary, secondary;
byte term; /* of primaries: each loss begins another */
byte crashes;
byte told[MOST + 1]; /* what a client was answered; 0: nothing */

/* ---- the promises ---- */

#define HAS(s, n, whose) (s.row[n] == whose)

/* No hole, no repeat; what it has come to is there, by a step for each. */
#define CHECK(s)							\
	assert(s.row[2] == 0 || s.row[1] != 0);				\
	assert(s.row[3] == 0 || s.row[2] != 0);				\
	assert(s.row[1] == 0 ||						\
	       (s.row[1] != s.row[2] && s.row[1] != s.row[3]));		\
	assert(s.row[2] == 0 || s.row[2] != s.row[3]);			\
	assert(s.last == 0 || s.row[s.last] != 0);			\
	assert(s.steps == s.last)

/* For good, and seen by all. */
#define CHECK_TOLD(w)							\
	assert(told[w] == 0 || (secondary.row[told[w]] == w &&		\
				secondary.last >= told[w]))
/* What has its number is folded in, and the other way round. */
#define CHECK_FOLDED(w)							\
	assert(told[w] == 0 || secondary.number[w] == told[w]);		\
	assert(secondary.number[w] == 0 ||				\
	       secondary.row[secondary.number[w]] == w);		\
	assert((secondary.row[1] != w && secondary.row[2] != w &&	\
		secondary.row[3] != w) ||				\
	       secondary.pending[w] || secondary.number[w] > 0)
#ifdef EDITS
#define CHECK_ALL							\
	CHECK(secondary);						\
	CHECK_TOLD(1); CHECK_TOLD(2); CHECK_TOLD(3);			\
	CHECK_FOLDED(1); CHECK_FOLDED(2); CHECK_FOLDED(3)
#else
#define CHECK_ALL							\
	CHECK(secondary); CHECK_TOLD(1); CHECK_TOLD(2); CHECK_TOLD(3)
#endif

#define COPY_ROWS(to, from)						\
	to.last = from.last;						\
	to.steps = from.steps;						\
	to.row[1] = from.row[1];					\
	to.row[2] = from.row[2];					\
	to.row[3] = from.row[3]
#ifdef EDITS
#define COPY(to, from)							\
	COPY_ROWS(to, from);						\
	to.pending[1] = from.pending[1];				\
	to.pending[2] = from.pending[2];				\
	to.pending[3] = from.pending[3];				\
	to.number[1] = from.number[1];					\
	to.number[2] = from.number[2];					\
	to.number[3] = from.number[3]
#else
#define COPY(to, from) COPY_ROWS(to, from)
#endif

/* ---- reads and writes ---- */

#define READ(what, to)							\
	if								\
	:: to = primary.what						\
	:: to = secondary.what						\
	fi

/* One document, at once. */
#define WRITE(condition, change)					\
	atomic {							\
		mine = term;						\
		done = false;						\
		if							\
		:: condition -> change; done = true			\
		:: else							\
		fi							\
	};								\
	TOLD

/* A write was made, and its writer is told; or killed; or the primary is lost,
 * or was since. */
#define TOLD								\
	if								\
	:: atomic { term == mine -> COPY(secondary, primary); CHECK_ALL } \
	:: atomic { term == mine && term < LOSSES -> term++;		\
		    COPY(primary, secondary); goto again }		\
	:: atomic { term != mine -> goto again }			\
	:: atomic { crashes < CRASHES -> crashes++; goto again }	\
	fi;								\
	mine = 0

/* Is that there for good? A write that changes nothing tells. */
#if ERROR == 1
#define DURABLE(condition) done = true
#else
#define DURABLE(condition) WRITE(condition, skip)
#endif

/* ---- steps ---- */

#if ERROR == 2
#define STEP(n) WRITE(primary.last < n, primary.last = n; primary.steps++)
#else
#define STEP(n) \
	WRITE(primary.last == n - 1, primary.last = n; primary.steps++)
#endif

/* The step of what comes behind last, which is another one's, who may be gone.
 */
#define STEP_OF_ANOTHER							\
	if								\
	:: last + 1 <= MOST ->						\
		READ(row[last + 1], other);				\
		if							\
		:: other > 0 ->						\
			DURABLE(HAS(primary, last + 1, other));		\
			if						\
			:: done -> STEP(last + 1)			\
			:: else						\
			fi						\
		:: else							\
		fi							\
	:: else								\
	fi;								\
	last = 0; other = 0; done = false

/* Until it has come to n, for good: a primary that was lost may have been
 * further than its heir. */
#define REACH(n)							\
	do								\
	:: STEP(n);							\
	   if :: done -> break :: else fi;				\
	   DURABLE(primary.last >= n);					\
	   if :: done -> break :: else fi;				\
	   READ(last, last);						\
	   STEP_OF_ANOTHER						\
	od;								\
	done = false

/* ---- numbers ---- */

/* The unique indexes: by number, and by whose it is. */
#define IS_FREE(n, whose)						\
	(n <= MOST && primary.row[n] == 0 && primary.row[1] != whose &&	\
	 primary.row[2] != whose && primary.row[3] != whose)

#define FIND(s, whose)							\
	if								\
	:: HAS(s, 1, whose) -> n = 1					\
	:: HAS(s, 2, whose) -> n = 2					\
	:: HAS(s, 3, whose) -> n = 3					\
	:: else -> n = 0						\
	fi

#if ERROR == 3
#define DUPLICATE(n, whose) goto answer
#else
#define DUPLICATE(n, whose) DURABLE(HAS(primary, n, whose))
#endif

/* Ends with n, which is there for good, and reached. */
#define GIVE_NUMBER(whose)						\
	do								\
	:: READ(last, last);						\
	   WRITE(IS_FREE(last + 1, whose), primary.row[last + 1] = whose); \
	   if								\
	   :: done -> n = last + 1; last = 0; break			\
	   :: else							\
	   fi;								\
	   if								\
	   :: skip -> atomic { FIND(primary, whose) }			\
	   :: skip -> atomic { FIND(secondary, whose) }			\
	   fi;								\
	   if								\
	   :: n > 0 ->							\
		last = 0;						\
		DUPLICATE(n, whose);					\
		if :: done -> break :: else fi				\
	   :: else -> STEP_OF_ANOTHER					\
	   fi								\
	od;								\
	REACH(n)

#ifdef EDITS
#define FOLD								\
	WRITE(!primary.pending[me] && primary.number[me] == 0,		\
	      primary.pending[me] = 1)
#define SETTLE(whose, n)						\
	WRITE(primary.pending[whose],					\
	      primary.pending[whose] = 0; primary.number[whose] = n)
#endif

/* ---- who writes ---- */

#ifdef EDITS
proctype writer(byte me)
{
	byte last, n, other, mine, whose;
	bool done;

again:
	atomic { last = 0; n = 0; other = 0; mine = 0; done = false;
		 if :: whose = me :: whose = 1 + me % WRITERS fi };
	READ(number[whose], n);
	if
	:: n > 0 && whose == me -> goto same
	:: n > 0 && whose != me -> goto again
	:: else
	fi;
	READ(pending[whose], done);
	if
	:: done -> DURABLE(primary.pending[whose])
	:: else
	fi;
#if ERROR != 4
	if
	:: !done && whose == me -> FOLD
	:: else
	fi;
	if :: !done -> goto again :: else fi;
#endif
	done = false;
	GIVE_NUMBER(whose);
	SETTLE(whose, n);
	if :: whose != me -> goto again :: else fi;
same:
	DURABLE(primary.number[me] == n);
	if :: !done -> goto again :: else fi;
answer:
	skip;
	atomic {
		assert(told[me] == 0 || told[me] == n);
		told[me] = n;
		CHECK_ALL
	}
}
#else
proctype writer(byte me)
{
	byte last, n, other, mine;
	bool done;

again:
	atomic { last = 0; n = 0; other = 0; mine = 0; done = false };
	GIVE_NUMBER(me);
answer:
	skip;
	atomic {
		assert(told[me] == 0 || told[me] == n);
		told[me] = n;
		CHECK_ALL
	};
	/* Whose client did not hear it asks once more. */
	if
	:: atomic { crashes < CRASHES -> crashes++; goto again }
	:: skip
	fi
}
#endif

init {
	atomic {
		run writer(1);
		run writer(2);
#if WRITERS > 2
		run writer(3)
#endif
	}
}
