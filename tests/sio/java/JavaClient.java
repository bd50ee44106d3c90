/*
 * The official Java client talks to an echo server: JavaClient MODE URL PLAY
 *
 * MODE is defaults, "websocket only" or "polling only", PLAY scenarios or
 * restart. Ends with status 0 when all went as it should.
 */
import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Manager;
import io.socket.client.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.json.JSONArray;
import org.json.JSONObject;

public class JavaClient {
	static final int PATIENCE = 30;
	static final int COUNT = 3000;

	static void check(boolean good, String what) {
		if (!good)
			throw new AssertionError(what);
	}

	static <T> T next(BlockingQueue<T> queue, String what) throws Exception {
		T value = queue.poll(PATIENCE, TimeUnit.SECONDS);
		check(value != null, "no " + what);
		return value;
	}

	/* What the server emits under that name, in order. */
	static BlockingQueue<Object[]> heard(Socket socket, String name) {
		BlockingQueue<Object[]> queue = new LinkedBlockingQueue<>();
		socket.on(name, args -> queue.add(args));
		return queue;
	}

	static Object[] call(Socket socket, String name, Object... args) throws Exception {
		BlockingQueue<Object[]> queue = new LinkedBlockingQueue<>();
		socket.emit(name, args, (Ack) answer -> queue.add(answer));
		return next(queue, "acknowledgement of " + name);
	}

	static IO.Options options(String mode) {
		IO.Options options = new IO.Options();
		options.forceNew = true;
		options.reconnectionDelay = 50;
		options.auth = Collections.singletonMap("token", "123");
		if (!mode.equals("defaults"))
			options.transports = new String[] {mode.split(" ")[0]};
		return options;
	}

	static byte[] random(int size) {
		byte[] bytes = new byte[size];
		new Random(size).nextBytes(bytes);
		return bytes;
	}

	static void scenarios(Socket socket, String url, String mode) throws Exception {
		BlockingQueue<Object[]> auth = heard(socket, "auth");
		BlockingQueue<Object[]> back = heard(socket, "message-back");
		BlockingQueue<Object[]> answered = heard(socket, "answered");

		socket.connect();
		check(((JSONObject) next(auth, "auth")[0]).getString("token").equals("123"), "auth");

		socket.emit("message", 1, "2", new JSONObject("{\"3\":[true,null]}"), "é€𝄞");
		Object[] args = next(back, "message-back");
		check(args[0].equals(1) && args[1].equals("2") && args[3].equals("é€𝄞"), "arguments");
		check(((JSONObject) args[2]).getJSONArray("3").getBoolean(0), "an object");

		/* More than 57 bytes: its base64 has line feeds. */
		for (int size : new int[] {0, 3, 57, 58, 1000, 100_000, 600_000}) {
			JSONObject deep = new JSONObject().put("deep", new JSONArray().put(random(7)));
			socket.emit("message", random(size), deep);
			args = next(back, "binary of " + size);
			check(Arrays.equals((byte[]) args[0], random(size)), "binary of " + size);
			byte[] inner = (byte[]) ((JSONObject) args[1]).getJSONArray("deep").get(0);
			check(Arrays.equals(inner, random(7)), "a deep one");
		}

		check(call(socket, "message-with-ack", 1, "two")[1].equals("two"), "an acknowledgement");
		check(Arrays.equals((byte[]) call(socket, "message-with-ack", random(100))[0], random(100)), "a binary one");
		socket.on("question", asked -> ((Ack) asked[asked.length - 1]).call(asked[0], random(70)));
		socket.emit("ask", "why");
		args = next(answered, "answered");
		check(args[0].equals("why") && Arrays.equals((byte[]) args[1], random(70)), "an answer of ours");

		Socket custom = socket.io().socket("/custom", options(mode));
		BlockingQueue<Object[]> customAuth = heard(custom, "auth");
		custom.connect();
		next(customAuth, "auth of /custom");
		custom.disconnect();
		Socket nowhere = socket.io().socket("/random");
		BlockingQueue<Object[]> error = heard(nowhere, "connect_error");
		nowhere.connect();
		check(((JSONObject) next(error, "connect_error")[0]).getString("message").equals("Invalid namespace"),
			"an unknown namespace");

		for (int i = 0; i < COUNT; i++)
			socket.emit("message", i);
		for (int i = 0; i < COUNT; i++)
			check(next(back, "message " + i)[0].equals(i), "order at " + i);
		socket.disconnect();
	}

	static void restart(Socket socket, String url, String mode) throws Exception {
		BlockingQueue<Object[]> auth = heard(socket, "auth");
		BlockingQueue<Object[]> gone = heard(socket, Socket.EVENT_DISCONNECT);

		socket.connect();
		next(auth, "auth");
		System.out.println("connected");
		next(gone, "disconnect");
		next(auth, "auth again");
		check(call(socket, "message-with-ack", "back again")[0].equals("back again"), "back again");
		socket.disconnect();
	}

	public static void main(String[] words) throws Exception {
		Socket socket = IO.socket(URI.create(words[1]), options(words[0]));

		if (words[2].equals("scenarios"))
			scenarios(socket, words[1], words[0]);
		else
			restart(socket, words[1], words[0]);
		System.exit(0);
	}
}
