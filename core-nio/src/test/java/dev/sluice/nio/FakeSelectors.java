package dev.sluice.nio;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Selectors of the platform that can be told to misbehave, and that tell when somebody is about to sleep in them. */
final class FakeSelectors extends SelectorProvider {
    private final SelectorProvider real = SelectorProvider.provider();
    private final List<FakeSelector> opened = new CopyOnWriteArrayList<>();

    /** How a selector behaves. */
    enum Mode {
        NORMAL,
        /** Returns at once and with nothing, as epoll has done under some kernels. */
        SPINNING,
        FAILING
    }

    List<FakeSelector> opened() {
        return opened;
    }

    FakeSelector last() {
        return opened.get(opened.size() - 1);
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        FakeSelector selector = new FakeSelector(this, real.openSelector());
        opened.add(selector);
        return selector;
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return real.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return real.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return real.openPipe();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return real.openServerSocketChannel();
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return real.openSocketChannel();
    }

    static final class FakeSelector extends AbstractSelector {
        private final Selector real;
        private final Semaphore sleeps = new Semaphore(0);
        private final Semaphore wakeups = new Semaphore(0);
        private volatile Mode mode = Mode.NORMAL;

        FakeSelector(SelectorProvider provider, Selector real) {
            super(provider);
            this.real = real;
        }

        /** Misbehaves from the next select on. */
        void mode(Mode next) {
            mode = next;
            real.wakeup();
        }

        /** Holds one permit for each time that somebody was about to sleep. */
        Semaphore sleeps() {
            return sleeps;
        }

        /** Holds one permit for each wake-up. */
        Semaphore wakeups() {
            return wakeups;
        }

        @Override
        public int select(Consumer<SelectionKey> action, long timeout) throws IOException {
            if (misbehaves()) {
                return 0;
            }
            sleeps.release();
            return real.select(action, timeout);
        }

        @Override
        public int selectNow(Consumer<SelectionKey> action) throws IOException {
            return misbehaves() ? 0 : real.selectNow(action);
        }

        private boolean misbehaves() throws IOException {
            if (mode == Mode.FAILING) {
                throw new IOException("failed by a test");
            }
            return mode == Mode.SPINNING;
        }

        @Override
        public Selector wakeup() {
            wakeups.release();
            real.wakeup();
            return this;
        }

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
            try {
                return channel.register(real, ops, attachment);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected void implCloseSelector() throws IOException {
            real.close();
        }

        @Override
        public Set<SelectionKey> keys() {
            return real.keys();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return real.selectedKeys();
        }

        @Override
        public int selectNow() throws IOException {
            return real.selectNow();
        }

        @Override
        public int select(long timeout) throws IOException {
            return real.select(timeout);
        }

        @Override
        public int select() throws IOException {
            return real.select();
        }
    }
}
