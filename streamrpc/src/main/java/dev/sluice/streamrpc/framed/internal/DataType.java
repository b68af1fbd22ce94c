package dev.sluice.streamrpc.framed.internal;

/** What a body is (docs/framed-rpc.md, section 3). */
enum DataType {
    NONE(1, "DataTypeNone"),
    CONTROL(2, "DataTypeControl"),
    JSON(3, "DataTypeMarshaledJSON"),
    OCTETS(4, "DataTypeOctets");

    private final int code;
    private final String text;

    DataType(int code, String text) {
        this.code = code;
        this.text = text;
    }

    int code() {
        return code;
    }

    /** Returns the name of a number on the wire, for texts, whatever it is. */
    static String nameOf(int code) {
        return code >= 1 && code <= values().length ? values()[code - 1].text : "DataType(" + code + ")";
    }

    @Override
    public String toString() {
        return text;
    }
}
