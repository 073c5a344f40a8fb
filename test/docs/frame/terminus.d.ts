// The part of @nestjs/terminus that the pages use. It is not installed here, and test/e2e compiles
// the same block against it.
declare module '@nestjs/terminus' {
  export function HealthCheck(): MethodDecorator;
  export class HealthCheckService {
    check(indicators: (() => object | Promise<object>)[]): Promise<object>;
  }
}
