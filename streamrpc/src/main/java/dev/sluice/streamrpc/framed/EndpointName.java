package dev.sluice.streamrpc.framed;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a method as the handler of an endpoint, for {@link Endpoints.Builder#annotated}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface EndpointName {
    /** What callers name it. */
    String value();
}
