package dev.sluice.tests.idle;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A program that connects many times, says so, and says nothing more until its standard input ends. */
final class IdleClients {
    /** What it prints once all are connected. */
    static final String READY = "ready";

    private IdleClients() {}

    public static void main(String[] args) throws IOException {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        int count = Integer.parseInt(args[1]);
        List<SocketChannel> sockets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            sockets.add(SocketChannel.open(server));
        }
        System.out.println(READY);
        while (System.in.read() >= 0) {
            // Nobody writes: the end is all there is to wait for.
        }
        for (SocketChannel socket : sockets) {
            socket.close();
        }
    }
}
