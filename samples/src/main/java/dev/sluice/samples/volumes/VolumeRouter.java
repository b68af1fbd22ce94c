package dev.sluice.samples.volumes;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.sluice.proto.registry.MethodInfo;
import dev.sluice.proto.registry.MethodRegistry;
import dev.sluice.proto.resource.Operation;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.List;
import java.util.Map;

/** Decides where calls go by their annotations: knowing no method, and no message. */
public final class VolumeRouter {
    private final MethodRegistry methods = MethodRegistry.of(List.of(VolumesProto.getDescriptor()));
    private final Map<String, List<String>> nodesOfClusters;

    /** @param nodesOfClusters the first node of a cluster is the one that writes go to */
    public VolumeRouter(Map<String, List<String>> nodesOfClusters) {
        this.nodesOfClusters = nodesOfClusters;
    }

    /** A request as a node is to get it. */
    public record Routed(String node, ByteString request) {}

    /**
     * Returns where a call goes, and with what.
     *
     * @throws StatusException with NOT_FOUND if nobody knows the cluster, else as the registry says it
     */
    public Routed route(String method, ByteString request) throws StatusException {
        MethodInfo info = methods.lookUp(method);
        Message message = info.parse(request);
        String cluster = info.scope() == Operation.Scope.GROUP
                ? info.group(message)
                : info.target(message).getGroup();
        List<String> nodes = nodesOfClusters.get(cluster);
        if (nodes == null) {
            throw Status.NOT_FOUND
                    .withDescription("no cluster is called '" + cluster + "'")
                    .asException();
        }
        String node = info.effect() == Operation.Effect.READ ? nodes.get(nodes.size() - 1) : nodes.get(0);
        return new Routed(node, info.withGroup(message, node).toByteString());
    }
}
