// As far as the pages use @nestjs/terminus, which is not installed here: test/e2e compiles the same
// block against it.
declare module '@nestjs/terminus' {
  export function HealthCheck(): MethodDecorator;
  export class HealthCheckService {
    check(indicators: (() => object | Promise<object>)[]): Promise<object>;
  }
}
