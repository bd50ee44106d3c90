/*
 * socket_edge - Socket.IO sockets as clients of the hub.
 */
#ifndef SOCKET_EDGE_H
#define SOCKET_EDGE_H

struct hub;
struct sio_server;

/* Serve the namespace "/" of server; hub must outlive the server. */
void socket_edge_serve(struct sio_server *server, struct hub *hub);

#endif
