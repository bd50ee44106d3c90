# The rooms of the two programs. Each folder may include what stands above it
# here and nothing else, so that a wrong #include does not build: its include
# path is its own folder and the paths of those above.
shared_path = -I$(top_srcdir)/shared

# fcgi-app: main -> process, admin -> rt, routes -> message, identity, file,
# operator -> notify -> view -> http -> store -> shared
api = $(top_srcdir)/fcgi-app
store_path = -I$(api)/store $(shared_path)
sqlite_path = -I$(api)/store/sqlite $(store_path) $(SQLITE_CFLAGS)
mongo_path = -I$(api)/store/mongo $(store_path) $(MONGO_CFLAGS)
http_path = -I$(api)/http $(store_path)
view_path = -I$(api)/view $(http_path)
notify_path = -I$(api)/notify $(view_path)
identity_path = -I$(api)/identity $(notify_path)
message_path = -I$(api)/message $(notify_path)
file_path = -I$(api)/file $(notify_path)
operator_path = -I$(api)/operator $(notify_path)
subjects_path = -I$(api)/message -I$(api)/file -I$(api)/operator \
	$(identity_path)
routes_path = -I$(api)/routes $(subjects_path)
rt_path = -I$(api)/rt $(subjects_path)
answers_path = -I$(api)/rt $(routes_path)
admin_path = -I$(api)/admin $(answers_path)
process_path = -I$(api)/process $(answers_path)
api_path = -I$(api)/admin $(process_path)

api_rooms = libprocess.a libadmin.a libroutes.a librt.a libmessage.a libfile.a \
	liboperator.a libidentity.a libnotify.a libview.a libhttp.a libstore.a libsqlite.a \
	libstore.a
shared_libs = $(top_builddir)/shared/libshared.a $(JSON_LIBS) $(SODIUM_LIBS) \
	$(UTF8PROC_LIBS)
api_under = $(shared_libs) $(SQLITE_LIBS) $(JWT_LIBS) $(MAGIC_LIBS) $(CRYPT_LIBS)
# What a module of the store may use; it brings its own copy.
module_libs = $(top_builddir)/fcgi-app/libstore.a $(shared_libs)
api_libs = $(addprefix $(top_builddir)/fcgi-app/, $(api_rooms)) $(api_under)

# push-daemon: main -> edges -> hub -> state, rt -> sio -> shared
pushd = $(top_srcdir)/push-daemon
sio_path = -I$(pushd)/sio $(shared_path) $(UV_CFLAGS)
pushd_rt_path = -I$(pushd)/rt $(sio_path)
state_path = -I$(pushd)/state $(sio_path)
hub_path = -I$(pushd)/hub -I$(pushd)/state $(pushd_rt_path)
edges_path = -I$(pushd)/edges $(hub_path)

sio_libs = $(top_builddir)/push-daemon/sio/libsio.a $(shared_libs)
pushd_rooms = libedges.a libhub.a librt.a libstate.a
pushd_libs = $(addprefix $(top_builddir)/push-daemon/, $(pushd_rooms)) \
	$(sio_libs)
