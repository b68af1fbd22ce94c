package dev.sluice.streamrpc.framed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointsTest {
    private static final JacksonBodies JSON = JacksonBodies.create();

    record Name(String text) {}

    record Total(int sum, List<Name> names) {}

    /** A bean, as there are many. */
    static final class Bean {
        private int count;

        public int getCount() {
            return count;
        }

        public void setCount(int count) {
            this.count = count;
        }
    }

    static class Base {
        @EndpointName("Inherited")
        String inherited(String text) {
            return text + "!";
        }
    }

    static final class Annotated extends Base {
        private String last = "";

        @EndpointName("Sum")
        Total sum(Map<String, Integer> numbers) {
            return new Total(numbers.values().stream().mapToInt(n -> n).sum(), List.of(new Name("a")));
        }

        @EndpointName("Names")
        @SuppressWarnings("UnusedMethod") // by reflection
        private static int names(List<Name> names) {
            return names.stream().mapToInt(name -> name.text().length()).sum(); // fails unless they are Names
        }

        @EndpointName("Note")
        void note(String text) {
            last = text;
        }

        @EndpointName("Octets")
        Octets octets(Name name) {
            return Octets.of(name.text().getBytes(StandardCharsets.UTF_8));
        }

        String notAnEndpoint(String text) {
            return text;
        }
    }

    static String twice(String text) {
        return text + text;
    }

    private static FramedCaller local(Endpoints.Builder endpoints) {
        return FramedRpc.local(endpoints.build());
    }

    @Test
    void shouldCallAnnotatedMethodsWithTheTypesThatTheyDeclare() throws Exception {
        Annotated handlers = new Annotated();
        Endpoints endpoints = Endpoints.builder(JSON).annotated(handlers).build();
        FramedCaller caller = FramedRpc.local(endpoints);

        assertThat(endpoints.names()).containsExactlyInAnyOrder("Sum", "Names", "Note", "Octets", "Inherited");
        assertThat(caller.call("Sum", Map.of("a", 1, "b", 2), Total.class))
                .isEqualTo(new Total(3, List.of(new Name("a"))));
        assertThat(caller.call("Names", List.of(new Name("ab"), new Name("c")), Integer.class))
                .isEqualTo(3);
        assertThat(caller.call("Note", "kept", Object.class)).isNull();
        assertThat(handlers.last).isEqualTo("kept");
        assertThat(caller.call("Inherited", "hi", String.class)).isEqualTo("hi!");
        try (Octets octets = caller.call("Octets", new Name("ab"), Octets.class)) {
            assertThat(octets.inputStream().readAllBytes()).containsExactly('a', 'b');
        }
    }

    @Test
    void shouldCallAMethodHandleWithTheTypesOfIt() throws Exception {
        MethodHandle twice = MethodHandles.lookup()
                .findStatic(EndpointsTest.class, "twice", MethodType.methodType(String.class, String.class));
        assertThat(local(Endpoints.builder(JSON).add("Twice", twice)).call("Twice", "ab", String.class))
                .isEqualTo("abab");
    }

    @Test
    void shouldMapBeansAndIgnoreWhatTheyDoNotKnow() throws Exception {
        FramedCaller caller = local(Endpoints.builder(JSON).add("Count", Bean.class, Bean.class, bean -> {
            bean.setCount(bean.getCount() + 1);
            return bean;
        }));
        assertThat(caller.call("Count", Map.of("COUNT", 41, "unknown", List.of()), Bean.class)
                        .getCount())
                .isEqualTo(42);
    }

    @Test
    void shouldShareNoObjectWhenCalledWithinTheProcess() throws Exception {
        Bean mine = new Bean();
        Bean[] seen = {mine};
        FramedCaller caller = local(Endpoints.builder(JSON).add("See", Bean.class, Bean.class, bean -> seen[0] = bean));
        Bean answer = caller.call("See", mine, Bean.class);
        assertThat(seen[0]).isNotSameAs(mine).isNotSameAs(answer);
        assertThat(answer).isNotSameAs(mine);
    }

    /** Defect 10, within the process. */
    @Test
    void shouldFailAsAServerWouldWhenCalledWithinTheProcess() {
        FramedCaller caller = local(Endpoints.builder(JSON)
                .add("Fail", Name.class, Name.class, name -> {
                    throw new IllegalStateException();
                })
                .add("Nothing", Name.class, Octets.class, name -> null));
        assertThatThrownBy(() -> caller.call("Foo", new Name("a"), Name.class))
                .hasMessage("StatusRequestError: unregistered endpoint Foo");
        assertThatThrownBy(() -> caller.call("Fail", new Name("a"), Name.class))
                .hasMessage("StatusError: IllegalStateException")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> caller.call("Fail", List.of(), Name.class))
                .hasMessageStartingWith("StatusRequestError: cannot decode marshaled JSON: ");
        assertThatThrownBy(() -> caller.call("Fail", new FramedFixture.Unwritable(), Name.class))
                .hasMessageContaining("Direct self-reference");
        assertThatThrownBy(() -> caller.call("Nothing", new Name("a"), Octets.class))
                .hasMessage("StatusServerError: cannot marshal response: the handler returned no octets");
    }

    @Test
    void shouldRefuseWhatCannotBeAnEndpoint() throws Exception {
        Endpoints.Builder builder = Endpoints.builder(JSON).add("Echo", Name.class, Name.class, name -> name);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add("Echo", Name.class, Name.class, name -> name))
                .withMessage("already set up an endpoint for 'Echo'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add("", Name.class, Name.class, name -> name))
                .withMessage("an endpoint must have a name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add("In", InputStream.class, Name.class, in -> new Name("")))
                .withMessage("handler of endpoint 'In': bytes come and go as Octets, not as java.io.InputStream");
        MethodHandle two = MethodHandles.lookup()
                .findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add("Two", two))
                .withMessageContaining("must have exactly one input parameter")
                .withMessageContaining("it has 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.annotated("a text"))
                .withMessage("no method of java.lang.String is marked with @EndpointName");
    }

    @Test
    void shouldRefuseSettingsThatMakeNoSense() {
        Endpoints endpoints = Endpoints.builder(JSON).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FramedServer.builder(endpoints)
                        .idleTimeout(Duration.ofSeconds(9))
                        .build())
                .withMessageContaining("FramedServer.Builder.idleTimeout must be zero, or at least PT10S");
        assertThat(FramedServer.builder(endpoints)
                        .plain()
                        .idleTimeout(Duration.ofSeconds(9))
                        .build()
                        .magic())
                .isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FramedServer.builder(endpoints).maxRequestMemory(1000))
                .withMessageContaining("maxRequestMemory must be at least 1 MiB, is 1000");
        assertThatIllegalArgumentException().isThrownBy(() -> new FramedLimits(-1, 0, 0, 0));
    }
}
