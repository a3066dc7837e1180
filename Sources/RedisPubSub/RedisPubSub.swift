// RedisPubSub
