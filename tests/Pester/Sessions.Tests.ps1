#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeDiscovery {
    # On Windows the file is not read, whatever drive is the current one.
    $script:hasSystemSettings = -not $IsWindows -and (Test-Path /etc/sf/shakenfist.json)
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    # The variable that names the home directory.
    $script:homeVariable = $IsWindows ? 'USERPROFILE' : 'HOME'
    $script:debian = 'd3a00001-7a1e-4c52-9c0b-6f1f5e0a0001'
    $script:key = $emulator.User.GetNetworkCredential().Password

    # Puts variables into the environment of this process.
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
    It 'gives a session, which is the default from then on' {
        $session = Connect-ShakenFist $emulator.Url $emulator.User

        $session.Namespace | Should -Be 'carrot'
        $session.IsConnected | Should -BeTrue
        Get-SfSession | Should -Be $session
    }

    It 'takes namespace and key apart, too' {
        $session = Connect-ShakenFist $emulator.Url -Namespace carrot -Key $emulator.User.Password

        (Get-SfBlob $debian -Session $session).Uuid | Should -Be $debian
    }

    It 'shows no key, whatever is done with the session' {
        $session = Connect-ShakenFist $emulator.Url $emulator.User
        $session | Export-Clixml $TestDrive/session.xml

        ($session | Format-List * | Out-String) + ($session | ConvertTo-Json -Depth 5) + "$session" | Should -Not -Match $key
        Get-Content $TestDrive/session.xml -Raw | Should -Not -Match $key
    }

    It 'finds out that another server answers' {
        { Connect-ShakenFist "$($emulator.Url)/elsewhere" $emulator.User } | Should -Throw -ErrorId 'ResourceNotFound,*'
    }

    It 'ends' {
        $session = Connect-ShakenFist $emulator.Url $emulator.User
        Disconnect-ShakenFist

        Get-SfSession | Should -BeNullOrEmpty
        { Get-SfBlob $debian -Session $session -ErrorAction Stop } | Should -Throw -ErrorId 'SessionClosed,*'
    }

    It 'ends the one that is piped, and leaves the default alone' {
        $other = Connect-ShakenFist $emulator.Url $emulator.User
        $default = Connect-ShakenFist $emulator.Url $emulator.Admin
        Disconnect-ShakenFist -Session $other

        $other.IsConnected | Should -BeFalse
        Get-SfSession | Should -Be $default
    }

    It 'lets two namespaces work side by side' {
        $user = Connect-ShakenFist $emulator.Url $emulator.User
        $admin = Connect-ShakenFist $emulator.Url $emulator.Admin

        { Get-SfBlob -Session $user -ErrorAction Stop } | Should -Throw -ErrorId 'AdministratorRequired,*'
        Get-SfBlob -Session $admin | Should -Not -BeNullOrEmpty
    }

    It 'outlasts its token, and authenticates once for it' {
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

    It 'come from the environment, and nobody has to connect' {
        Update-Environment (Get-EmulatorEnvironment $emulator $emulator.User)

        (Get-SfBlob $debian).Uuid | Should -Be $debian
        (Get-SfSession).Namespace | Should -Be 'carrot'
        (Get-SfSession).Source | Should -BeLike '*environment*'
    }

    It 'come from the file that sf-client has' {
        @{ apiurl = $emulator.Url; namespace = 'carrot'; key = $key } | ConvertTo-Json | Set-Content "$home1/.shakenfist"

        (Get-SfBlob $debian).Uuid | Should -Be $debian
        (Get-SfSession).Source | Should -BeLike '*.shakenfist*'
    }

    It 'give way to parameters' {
        Update-Environment (Get-EmulatorEnvironment $emulator $emulator.User)

        (Connect-ShakenFist -Credential $emulator.Admin).Namespace | Should -Be 'system'
    }

    It 'hand the key of a file to no other URL' {
        @{ apiurl = 'https://sf.example.com'; namespace = 'carrot'; key = $key } | ConvertTo-Json | Set-Content "$home1/.shakenfist"
        Update-Environment @{ SHAKENFIST_API_URL = $emulator.Url }
        Clear-EmulatorRequest $emulator

        { Get-SfBlob $debian } | Should -Throw -ErrorId 'KeyForOtherUrl,*'
        Get-EmulatorRequest $emulator | Should -BeNullOrEmpty
    }

    It 'are missed by name' -Skip:$hasSystemSettings {
        Update-Environment @{ SHAKENFIST_API_URL = $emulator.Url; SHAKENFIST_NAMESPACE = 'carrot' }

        { Get-SfBlob $debian } | Should -Throw -ErrorId 'NotConfigured,*' -ExpectedMessage '*SHAKENFIST_KEY*'
    }
}
