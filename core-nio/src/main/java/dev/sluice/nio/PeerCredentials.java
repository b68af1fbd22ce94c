package dev.sluice.nio;

/**
 * Who is at the other end of a Unix socket, as the kernel says. Immutable.
 *
 * @param user name of the user that the peer ran as when it connected, or its number when it has no name
 * @param group name of the group that the peer ran as when it connected, or its number when it has no name
 */
public record PeerCredentials(String user, String group) {}
