#include "eio_state.h"

#define STAY(state, action)                                                    \
	{                                                                      \
		EIO_##state, EIO_DO_##action                                   \
	}
#define GO STAY

static const struct eio_step steps[EIO_STATES][EIO_INPUTS] =
	{
		[EIO_POLLING] =
			{
				[EIO_IN_GET] = STAY(POLLING, HOLD),
				[EIO_IN_POST] = STAY(POLLING, TAKE),
				[EIO_IN_ATTACH] = GO(PROBED, ATTACH),
				[EIO_IN_PROBE] = STAY(POLLING, NOTHING),
				[EIO_IN_UPGRADE] = STAY(POLLING, NOTHING),
				[EIO_IN_PACKET] = STAY(POLLING, NOTHING),
				[EIO_IN_GONE] = STAY(POLLING, NOTHING),
				[EIO_IN_LATE] = STAY(POLLING, NOTHING),
			},
		[EIO_PROBED] =
			{
				[EIO_IN_GET] = STAY(PROBED, HOLD),
				[EIO_IN_POST] = STAY(PROBED, TAKE),
				[EIO_IN_ATTACH] = STAY(PROBED, REFUSE),
				[EIO_IN_PROBE] = GO(UPGRADING, PONG),
				[EIO_IN_UPGRADE] = GO(POLLING, DETACH),
				[EIO_IN_PACKET] = GO(POLLING, DETACH),
				[EIO_IN_GONE] = GO(POLLING, FORGET),
				[EIO_IN_LATE] = GO(POLLING, DETACH),
			},
		[EIO_UPGRADING] =
			{
				[EIO_IN_GET] = STAY(UPGRADING, NOOP),
				[EIO_IN_POST] = STAY(UPGRADING, TAKE),
				[EIO_IN_ATTACH] = STAY(UPGRADING, REFUSE),
				[EIO_IN_PROBE] = GO(POLLING, DETACH),
				[EIO_IN_UPGRADE] = GO(WEBSOCKET, SWITCH),
				[EIO_IN_PACKET] = GO(POLLING, DETACH),
				[EIO_IN_GONE] = GO(POLLING, FORGET),
				[EIO_IN_LATE] = GO(POLLING, DETACH),
			},
		[EIO_WEBSOCKET] =
			{
				[EIO_IN_GET] = STAY(WEBSOCKET, REFUSE),
				[EIO_IN_POST] = STAY(WEBSOCKET, REFUSE),
				[EIO_IN_ATTACH] = STAY(WEBSOCKET, REFUSE),
				[EIO_IN_PROBE] = GO(CLOSED, FAULT),
				[EIO_IN_UPGRADE] = GO(CLOSED, FAULT),
				[EIO_IN_PACKET] = STAY(WEBSOCKET, TAKE),
				[EIO_IN_GONE] = GO(CLOSED, END),
				[EIO_IN_LATE] = STAY(WEBSOCKET, NOTHING),
			},
		[EIO_ENDING] =
			{
				[EIO_IN_GET] = STAY(ENDING, KEEP),
				[EIO_IN_POST] = STAY(ENDING, IGNORE),
				[EIO_IN_ATTACH] = STAY(ENDING, REFUSE),
				[EIO_IN_PROBE] = STAY(ENDING, NOTHING),
				[EIO_IN_UPGRADE] = STAY(ENDING, MOVE),
				[EIO_IN_PACKET] = STAY(ENDING, NOTHING),
				[EIO_IN_GONE] = STAY(ENDING, NOTHING),
				[EIO_IN_LATE] = STAY(ENDING, NOTHING),
			},
		[EIO_LINGERING] =
			{
				[EIO_IN_GET] = STAY(LINGERING, GOODBYE),
				[EIO_IN_POST] = STAY(LINGERING, IGNORE),
				[EIO_IN_ATTACH] = STAY(LINGERING, REFUSE),
				[EIO_IN_PROBE] = STAY(LINGERING, DETACH),
				[EIO_IN_UPGRADE] = GO(CLOSED, PART),
				[EIO_IN_PACKET] = STAY(LINGERING, DETACH),
				[EIO_IN_GONE] = STAY(LINGERING, FORGET),
				[EIO_IN_LATE] = STAY(LINGERING, DETACH),
			},
		[EIO_CLOSED] =
			{
				[EIO_IN_GET] = STAY(CLOSED, REFUSE),
				[EIO_IN_POST] = STAY(CLOSED, REFUSE),
				[EIO_IN_ATTACH] = STAY(CLOSED, REFUSE),
				[EIO_IN_PROBE] = STAY(CLOSED, NOTHING),
				[EIO_IN_UPGRADE] = STAY(CLOSED, NOTHING),
				[EIO_IN_PACKET] = STAY(CLOSED, NOTHING),
				[EIO_IN_GONE] = STAY(CLOSED, NOTHING),
				[EIO_IN_LATE] = STAY(CLOSED, NOTHING),
			},
};

struct eio_step eio_step(enum eio_state state, enum eio_input input)
{
	return steps[state][input];
}

bool eio_state_open(enum eio_state state)
{
	return state < EIO_ENDING;
}

const char *eio_state_transport(enum eio_state state)
{
	return state == EIO_WEBSOCKET ? "websocket" : "polling";
}
