import { NestFactory } from '@nestjs/core';
import { Controller, Module } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

/** Returns a new class, because Nest stores metadata in it. */
const freshClass = () =>
  class Bench {
    isOfBenchmark = true;
  };

/**
 * Returns a controller class with decorated handlers. The programs are not compiled, so they cannot
 * use decorator syntax.
 */
export function controllerOf(handlers) {
  const BenchController = freshClass();
  for (const [name, { method, decorators, parameters = [Payload()] }] of Object.entries(handlers)) {
    Object.defineProperty(BenchController.prototype, name, { value: method, writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(BenchController.prototype, name);
    for (const [index, parameter] of parameters.entries()) parameter(BenchController.prototype, name, index);
    for (const decorate of decorators) decorate(BenchController.prototype, name, descriptor);
    Object.defineProperty(BenchController.prototype, name, descriptor);
  }
  Controller()(BenchController);
  return BenchController;
}

/** Returns a module class with the metadata of `@Module`. */
export function moduleOf(metadata) {
  const BenchModule = freshClass();
  Module(metadata)(BenchModule);
  return BenchModule;
}

/** Starts an application with the strategy that `strategyOf` returns. */
export async function startApplication(module, strategyOf) {
  const app = await NestFactory.create(module, { logger: ['error', 'warn'] });
  app.connectMicroservice({ strategy: strategyOf(app) });
  await app.startAllMicroservices();
  await app.init();
  return app;
}
