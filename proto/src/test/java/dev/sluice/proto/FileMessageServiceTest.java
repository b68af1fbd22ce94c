package dev.sluice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.proto.files.v1.FileMessageServiceGrpc;
import dev.sluice.proto.files.v1.FileMessagesProto;
import dev.sluice.proto.files.v1.PutFileRequest;
import dev.sluice.proto.files.v1.PutRequest;
import dev.sluice.proto.lint.LintSettings;
import dev.sluice.proto.lint.Linter;
import dev.sluice.proto.registry.MethodRegistry;
import io.grpc.MethodDescriptor.MethodType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gRPC server and a proxy read from the service. */
class FileMessageServiceTest {
    @Test
    void shouldStreamOneWayEach() {
        assertThat(FileMessageServiceGrpc.getGetFileMethod().getFullMethodName())
                .isEqualTo("sluice.files.v1.FileMessageService/GetFile");
        assertThat(FileMessageServiceGrpc.getGetFileMethod().getType()).isEqualTo(MethodType.SERVER_STREAMING);
        assertThat(FileMessageServiceGrpc.getPutFileMethod().getFullMethodName())
                .isEqualTo("sluice.files.v1.FileMessageService/PutFile");
        assertThat(FileMessageServiceGrpc.getPutFileMethod().getType()).isEqualTo(MethodType.CLIENT_STREAMING);
    }

    @Test
    void shouldBeAnnotatedSoThatTheLinterFindsNothing() {
        assertThat(new Linter(LintSettings.DEFAULT).lint(List.of(FileMessagesProto.getDescriptor())))
                .isEmpty();
    }

    @Test
    void shouldNameItsStorageInTheFirstMessageOfAStream() throws Exception {
        PutFileRequest first = PutFileRequest.newBuilder()
                .setHeader(PutRequest.newBuilder().setStorageName("default"))
                .build();

        assertThat(MethodRegistry.of(List.of(FileMessagesProto.getDescriptor()))
                        .lookUp("sluice.files.v1.FileMessageService/PutFile")
                        .group(first))
                .isEqualTo("default");
    }
}
