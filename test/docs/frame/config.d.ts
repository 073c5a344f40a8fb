// The part of @nestjs/config that the pages use. It is not installed here.
declare module '@nestjs/config' {
  import type { DynamicModule } from '@nestjs/common';
  export const ConfigModule: { forRoot(options?: { isGlobal?: boolean }): DynamicModule };
  export class ConfigService {
    get<Value = string>(name: string): Value | undefined;
    getOrThrow<Value = string>(name: string): Value;
  }
}
