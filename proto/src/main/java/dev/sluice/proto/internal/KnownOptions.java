package dev.sluice.proto.internal;

import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.sluice.proto.gitaly.LintProto;
import dev.sluice.proto.resource.ResourceProto;
import dev.sluice.proto.rpc.RpcProto;

/**
 * Options with our annotations in them, wherever their descriptor comes from: one that was read without our extensions, or with
 * those of another copy of our files, has them as something else.
 */
public final class KnownOptions {
    private static final ExtensionRegistry EXTENSIONS = ExtensionRegistry.newInstance();

    static {
        LintProto.registerAllExtensions(EXTENSIONS);
        ResourceProto.registerAllExtensions(EXTENSIONS);
        RpcProto.registerAllExtensions(EXTENSIONS);
    }

    private KnownOptions() {}

    /**
     * Returns options of a descriptor with our extensions read.
     *
     * @throws AnnotationException if an annotation is not what our files say it is
     */
    @SuppressWarnings("unchecked") // what a message's parser makes is of the message's type
    public static <M extends Message> M of(GenericDescriptor owner, M options) throws AnnotationException {
        if (options.getSerializedSize() == 0) {
            return options;
        }
        try {
            return (M) options.getParserForType().parseFrom(options.toByteString(), EXTENSIONS);
        } catch (InvalidProtocolBufferException e) {
            throw new AnnotationException(
                    "options of " + owner.getFullName() + " cannot be read: " + e.getMessage(), e);
        }
    }
}
