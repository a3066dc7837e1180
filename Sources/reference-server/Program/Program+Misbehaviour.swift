import PubSub
import RedisPubSub
import SubscriptionProtocols
import SubscriptionServer

// How misbehaviours about Redis reach what they are about.
extension Program {
    /// What the bus does wrong.
    static func deviation(_ mutant: Misbehaviour?) -> RedisDeviation? {
        switch mutant {
        case .redisNoResubscribe: .noResubscribe
        case .redisResubscribesSome: .resubscribesSome
        case .redisEventsTwice: .eventsTwice
        case .redisPublishPretends: .publishPretends
        case .redisPublishUnconfirmed: .publishUnconfirmed
        case .redisPublishesReplayed: .publishesReplayed
        case .redisHangUnnoticed: .hangUnnoticed
        case .redisNoPause: .noPause
        case .redisLongPause: .longPause
        case .redisNewcomersVanish: .newcomersVanish
        case .redisUnsubscribeForgotten: .unsubscribeForgotten
        case .redisCrash: .crash
        case .redisOwnEventsOnly: .ownEventsOnly
        default: nil
        }
    }

    /// The policy, unless it is broken.
    static func policy(_ options: RedisOptions, _ mutant: Misbehaviour?) -> AwayPolicy {
        var policy = options.policy
        switch mutant {
        case .redisStreamsEnd:
            policy.streams = .end
        case .redisNewcomersWait:
            policy.newcomers = .queue
            policy.longestWait = .seconds(3600)
        default:
            break
        }
        return policy
    }

    /// What the readiness check asks of the bus.
    static func probe(_ bus: BusService, _ settings: Settings, _ url: RedisAddress) -> ReadinessProbe {
        let mutant = settings.mutant
        return ReadinessProbe("bus") {
            let problem = BusService.problem(of: bus.bus.status)
            return switch mutant {
            case .redisReadyLies: nil
            case .redisHostShown: problem.map { "\($0), \(url)" }
            default: problem
            }
        }
    }
}
