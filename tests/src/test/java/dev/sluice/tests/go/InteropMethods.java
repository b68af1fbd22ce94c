package dev.sluice.tests.go;

import com.google.protobuf.BytesValue;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

/** The gRPC methods of the peers' README. Their messages are protobuf's own, hence nothing is generated for them. */
final class InteropMethods {
    static final String CALL_SERVICE = "sluice.interop.CallService";
    static final MethodDescriptor<BytesValue, BytesValue> ECHO =
            unary(CALL_SERVICE + "/Echo", BytesValue.getDefaultInstance(), BytesValue.getDefaultInstance());
    static final MethodDescriptor<StringValue, StringValue> CALL_BACK =
            unary(CALL_SERVICE + "/CallBack", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());

    static final MethodDescriptor<Empty, StringValue> SIDECHANNEL_DIGEST =
            unary(CALL_SERVICE + "/SidechannelDigest", Empty.getDefaultInstance(), StringValue.getDefaultInstance());
    static final MethodDescriptor<Empty, Empty> SIDECHANNEL_ECHO =
            unary(CALL_SERVICE + "/SidechannelEcho", Empty.getDefaultInstance(), Empty.getDefaultInstance());
    static final MethodDescriptor<Empty, Empty> SIDECHANNEL_UNUSED =
            unary(CALL_SERVICE + "/SidechannelUnused", Empty.getDefaultInstance(), Empty.getDefaultInstance());
    static final MethodDescriptor<StringValue, Empty> SIDECHANNEL_FAIL =
            unary(CALL_SERVICE + "/SidechannelFail", StringValue.getDefaultInstance(), Empty.getDefaultInstance());

    static final String VOTE_SERVICE = "sluice.interop.VoteService";
    static final MethodDescriptor<StringValue, StringValue> VOTE =
            unary(VOTE_SERVICE + "/Vote", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());

    private InteropMethods() {}

    static <Q extends Message, A extends Message> MethodDescriptor<Q, A> unary(String fullName, Q request, A answer) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(fullName)
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(answer))
                .build();
    }
}
