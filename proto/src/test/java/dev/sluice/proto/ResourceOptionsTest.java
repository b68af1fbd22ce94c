package dev.sluice.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sluice.proto.gitaly.OperationMsg;
import dev.sluice.proto.resource.Locator;
import dev.sluice.proto.resource.LocatorFields;
import dev.sluice.proto.resource.Operation;
import dev.sluice.proto.resource.ResourceProto;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The annotations for resources of any kind: names, numbers and bytes, which annotated files are compiled to. */
class ResourceOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "locator,              82401, google.protobuf.MessageOptions, MESSAGE",
        "all_handled_by_proxy, 82402, google.protobuf.ServiceOptions, BOOL",
        "operation,            82403, google.protobuf.MethodOptions,  MESSAGE",
        "handled_by_proxy,     82404, google.protobuf.MethodOptions,  BOOL",
        "group,                82405, google.protobuf.FieldOptions,   BOOL",
        "resource,             82406, google.protobuf.FieldOptions,   BOOL",
        "target,               82407, google.protobuf.FieldOptions,   BOOL",
        "additional_target,    82408, google.protobuf.FieldOptions,   BOOL",
    })
    void shouldDeclareOptionWhenLookedUpByName(String name, int number, String extended, String type) {
        FieldDescriptor option = ResourceProto.getDescriptor().findExtensionByName(name);

        assertThat(option.getFullName()).isEqualTo("sluice." + name);
        assertThat(option.getNumber()).isEqualTo(number);
        assertThat(option.getContainingType().getFullName()).isEqualTo(extended);
        assertThat(option.getType().name()).isEqualTo(type);
        assertThat(option.isRepeated()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = "UNRECOGNIZED", mode = EnumSource.Mode.EXCLUDE)
    void shouldNumberEffectsAsGitalyDoes(OperationMsg.Operation op) throws InvalidProtocolBufferException {
        Operation operation = Operation.parseFrom(OperationMsg.newBuilder()
                .setOp(op)
                .setScopeLevel(OperationMsg.Scope.STORAGE)
                .build()
                .toByteString());

        assertThat(operation.getEffect())
                .isEqualTo(
                        switch (op) {
                            case MUTATOR -> Operation.Effect.WRITE;
                            case ACCESSOR -> Operation.Effect.READ;
                            case MAINTENANCE -> Operation.Effect.MAINTENANCE;
                            default -> Operation.Effect.EFFECT_UNSPECIFIED;
                        });
        assertThat(operation.getScope()).isEqualTo(Operation.Scope.GROUP);
        assertThat(Operation.Scope.forNumber(0)).isEqualTo(Operation.Scope.RESOURCE);
        assertThat(Operation.Scope.forNumber(1)).isNull();
    }

    @Test
    void shouldEncodeLocatorAndSayThatItIsOne() {
        Locator locator = Locator.newBuilder().setGroup("g").setKey("k").build();

        assertThat(HexFormat.of().formatHex(locator.toByteArray())).isEqualTo("0a0167" + "12016b");
        assertThat(Locator.getDescriptor().getOptions().getExtension(ResourceProto.locator))
                .isEqualTo(LocatorFields.newBuilder()
                        .setGroup("group")
                        .setKey("key")
                        .build());
    }
}
