package dev.sluice.streamrpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusTextTest {
    /** The names of Go, by number. */
    private static final String[] NAMES = {
        "OK",
        "Canceled",
        "Unknown",
        "InvalidArgument",
        "DeadlineExceeded",
        "NotFound",
        "AlreadyExists",
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
        "Internal",
        "Unavailable",
        "DataLoss",
        "Unauthenticated"
    };

    @Test
    void shouldUseTheNamesOfGoForEveryCode() {
        assertThat(Status.Code.values()).hasSameSizeAs(NAMES);
        for (int code = 0; code < NAMES.length; code++) {
            Status status = Status.fromCodeValue(code).withDescription("why: desc = x");
            String text = "rpc error: code = " + NAMES[code] + " desc = why: desc = x";

            assertThat(StatusText.format(status)).isEqualTo(text);
            if (code > 0) {
                assertThat(StatusText.parse(text).getCode()).isEqualTo(status.getCode());
                assertThat(StatusText.parse(text).getDescription()).isEqualTo("why: desc = x");
            }
        }
    }

    @Test
    void shouldHaveAnEmptyDescriptionWhenTheStatusHasNone() {
        assertThat(StatusText.format(Status.ABORTED)).isEqualTo("rpc error: code = Aborted desc = ");
        assertThat(StatusText.parse("rpc error: code = Aborted desc = ").getDescription())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rpc error: code = Unauthenticated desc = authentication required | UNAUTHENTICATED   | authentication required",
                "rpc error: code = PermissionDenied desc = permission denied      | PERMISSION_DENIED | permission denied",
                "rpc error: code = NotFound desc = GetRepoPath: x                 | NOT_FOUND         | GetRepoPath: x",
                "method not found: /a/b                                           | UNIMPLEMENTED     | method not found: /a/b",
            })
    void shouldFindTheCodeWhenTheFormIsKnown(String error, Status.Code code, String description) {
        Status status = StatusText.parse(error);

        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).isEqualTo(description);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "this is the server error",
                "method not found",
                "rpc error: code = OK desc = fine",
                "rpc error: code = NOT_FOUND desc = x",
                "rpc error: code = Code(17) desc = x",
                "rpc error: code =  desc = x",
                "rpc error: code = desc = x",
                "rpc error: code = NotFound",
                "x: rpc error: code = NotFound desc = x",
                "Rpc error: code = NotFound desc = x",
                " desc = rpc error: code = NotFound",
            })
    void shouldBeUnknownWithTheWholeTextWhenTheFormIsNot(String error) {
        Status status = StatusText.parse(error);

        assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
        assertThat(status.getDescription()).isEqualTo(error);
    }
}
