#include "handover.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HANDED 2

union handover_control {
	char bytes[CMSG_SPACE(HANDED * sizeof(int))];
	struct cmsghdr align;
};

bool handover_send(int connection, int picture, int copy)
{
	const int fds[HANDED] = {picture, copy};
	union handover_control control = {{0}};
	char byte = 'p';
	struct iovec iov = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(head), fds, sizeof(fds));
	return sendmsg(connection, &message, MSG_NOSIGNAL) == 1;
}

static bool handover_is_file(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
}

bool handover_receive(int connection, int *picture, int *copy)
{
	union handover_control control;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int fds[HANDED] = {-1, -1};
	size_t count = 0;

	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) != 1)
		return false;

	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	if (head != NULL && head->cmsg_level == SOL_SOCKET &&
	    head->cmsg_type == SCM_RIGHTS) {
		count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(head), count * sizeof(int));
	}
	if (count == HANDED && handover_is_file(fds[0]) &&
	    handover_is_file(fds[1])) {
		*picture = fds[0];
		*copy = fds[1];
		return true;
	}
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	return false;
}
