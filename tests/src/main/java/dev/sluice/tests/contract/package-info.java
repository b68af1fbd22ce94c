/**
 * What every {@link dev.sluice.nio.Connection} promises, as tests: inherit
 * {@link dev.sluice.tests.contract.ConnectionContract} to check a transport of your own.
 */
package dev.sluice.tests.contract;
