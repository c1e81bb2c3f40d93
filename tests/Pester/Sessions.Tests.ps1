#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeDiscovery {
    # On Windows, the file is not read, regardless of the current drive.
    $script:hasSystemSettings = -not $IsWindows -and (Test-Path /etc/sf/shakenfist.json)
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    # The environment variable of the home directory.
    $script:homeVariable = $IsWindows ? 'USERPROFILE' : 'HOME'
    $script:debian = 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:key = $emulator.User.GetNetworkCredential().Password

    # Sets environment variables of this process.
    function Update-Environment {
        [CmdletBinding(SupportsShouldProcess)]
        param([hashtable] $Variable)

        foreach ($name in $Variable.Keys) {
            if ($PSCmdlet.ShouldProcess($name, 'Set the variable')) {
                [Environment]::SetEnvironmentVariable($name, $Variable[$name])
            }
        }
    }
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Connecting' {
    It 'outputs a session, which becomes the default' {
        $session = Connect-ShakenFist $emulator.Url $emulator.User

        $session.Namespace | Should -Be 'carrot'
        $session.IsConnected | Should -BeTrue
        Get-SfSession | Should -Be $session
    }

    It 'also accepts namespace and key separately' {
        $session = Connect-ShakenFist $emulator.Url -Namespace carrot -Key $emulator.User.Password

        (Get-SfBlob $debian -Session $session).Uuid | Should -Be $debian
    }

    It 'shows no key in any output of the session' {
        $session = Connect-ShakenFist $emulator.Url $emulator.User
        $session | Export-Clixml $TestDrive/session.xml

        ($session | Format-List * | Out-String) + ($session | ConvertTo-Json -Depth 5) + "$session" | Should -Not -Match $key
        Get-Content $TestDrive/session.xml -Raw | Should -Not -Match $key
    }

    It 'detects that the server is not a cluster' {
        { Connect-ShakenFist "$($emulator.Url)/elsewhere" $emulator.User } | Should -Throw -ErrorId 'ResourceNotFound,*'
    }

    It 'can be ended' {
        $session = Connect-ShakenFist $emulator.Url $emulator.User
        Disconnect-ShakenFist

        Get-SfSession | Should -BeNullOrEmpty
        { Get-SfBlob $debian -Session $session -ErrorAction Stop } | Should -Throw -ErrorId 'SessionClosed,*'
    }

    It 'ends a session from the pipeline, and keeps the default session' {
        $other = Connect-ShakenFist $emulator.Url $emulator.User
        $default = Connect-ShakenFist $emulator.Url $emulator.Admin
        Disconnect-ShakenFist -Session $other

        $other.IsConnected | Should -BeFalse
        Get-SfSession | Should -Be $default
    }

    It 'supports two namespaces at the same time' {
        $user = Connect-ShakenFist $emulator.Url $emulator.User
        $admin = Connect-ShakenFist $emulator.Url $emulator.Admin

        { Get-SfBlob -Session $user -ErrorAction Stop } | Should -Throw -ErrorId 'AdministratorRequired,*'
        Get-SfBlob -Session $admin | Should -Not -BeNullOrEmpty
    }

    It 'authenticates once after the token has expired' {
        $null = Connect-ShakenFist $emulator.Url $emulator.Admin
        $null = Invoke-EmulatorControl $emulator -Method Post -Path expire-tokens
        Clear-EmulatorRequest $emulator

        Get-SfBlob | Get-SfBlob | Should -HaveCount 9
        Get-EmulatorRequest $emulator -Path /auth | Should -HaveCount 1
    }
}

Describe 'Settings' {
    BeforeEach {
        Disconnect-ShakenFist
        $script:before = @{}
        foreach ($name in $homeVariable, 'SHAKENFIST_API_URL', 'SHAKENFIST_NAMESPACE', 'SHAKENFIST_KEY') {
            $before[$name] = [Environment]::GetEnvironmentVariable($name)
        }

        $script:home1 = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        Update-Environment @{ $homeVariable = $home1; SHAKENFIST_API_URL = $null; SHAKENFIST_NAMESPACE = $null; SHAKENFIST_KEY = $null }
    }

    AfterEach {
        Update-Environment $before
    }

    It 'are read from the environment without an explicit connect' {
        Update-Environment (Get-EmulatorEnvironment $emulator $emulator.User)

        (Get-SfBlob $debian).Uuid | Should -Be $debian
        (Get-SfSession).Namespace | Should -Be 'carrot'
        (Get-SfSession).Source | Should -BeLike '*environment*'
    }

    It 'are read from the file of sf-client' {
        @{ apiurl = $emulator.Url; namespace = 'carrot'; key = $key } | ConvertTo-Json | Set-Content "$home1/.shakenfist"

        (Get-SfBlob $debian).Uuid | Should -Be $debian
        (Get-SfSession).Source | Should -BeLike '*.shakenfist*'
    }

    It 'are overridden by parameters' {
        Update-Environment (Get-EmulatorEnvironment $emulator $emulator.User)

        (Connect-ShakenFist -Credential $emulator.Admin).Namespace | Should -Be 'system'
    }

    It 'use the key of a file only for its own URL' {
        @{ apiurl = 'https://sf.example.com'; namespace = 'carrot'; key = $key } | ConvertTo-Json | Set-Content "$home1/.shakenfist"
        Update-Environment @{ SHAKENFIST_API_URL = $emulator.Url }
        Clear-EmulatorRequest $emulator

        { Get-SfBlob $debian } | Should -Throw -ErrorId 'KeyForOtherUrl,*'
        Get-EmulatorRequest $emulator | Should -BeNullOrEmpty
    }

    It 'are reported if they are missing' -Skip:$hasSystemSettings {
        Update-Environment @{ SHAKENFIST_API_URL = $emulator.Url; SHAKENFIST_NAMESPACE = 'carrot' }

        { Get-SfBlob $debian } | Should -Throw -ErrorId 'NotConfigured,*' -ExpectedMessage '*SHAKENFIST_KEY*'
    }
}
